using System.Linq.Expressions;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Storage;

namespace Marketplace.Gateway.Accounts;

/// <summary>Who is signed in proves it once more with the password, before what an open browser alone must not do.</summary>
public sealed class KnownPassword(Session session, WrongPasswords wrong, PasswordHashing hashing)
{
    /// <summary>422: a signed-in user gave a wrong password.</summary>
    public static readonly Problem Wrong = new(422, "wrong-password", "The present password is wrong.");

    /// <summary>Why not; null when it is the user's password. Wrong ones count as at the sign-in. Before any transaction: a refusal must not undo the count.</summary>
    public async Task<Problem?> RefusesAsync(Guid? userId, Secret password, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        if (await Credentials.OfIdAsync(db, userId) is not { } account)
        {
            return new Problem(401, "not-signed-in", "You are not signed in.", "The account of this access token does not exist.");
        }

        if (await wrong.RefusesAsync(account.Email, ct) is { } refusal)
        {
            return refusal;
        }

        if (await hashing.IsRightAsync(account.PasswordHash, password))
        {
            return null;
        }

        await wrong.CountAsync(account.Email, ct);
        return Wrong;
    }
}

/// <summary>Rules for the secrets that requests carry.</summary>
public static class SecretRules
{
    /// <summary>A body is there, and in it a password of bearable length.</summary>
    public static void RequiresPassword<T, TBody>(this AbstractValidator<T> validator, Expression<Func<T, TBody?>> body, Expression<Func<T, Secret?>> password)
        where TBody : class
    {
        validator.RuleFor(body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
        var isThere = body.Compile();
        validator.When(q => isThere(q) is not null, () => validator.RuleFor(password).NotNull().Must(p => p is null || p.Reveal().Length <= PasswordRules.MaxLength)
            .WithMessage($"A password has at most {PasswordRules.MaxLength} characters."));
    }

    /// <summary>Required; at most 40 characters.</summary>
    public static IRuleBuilderOptions<T, Secret?> IsCode<T>(this IRuleBuilder<T, Secret?> rule) =>
        rule.NotNull().Must(c => c is null || c.Reveal().Trim().Length is > 0 and <= 40).WithMessage("Six digits, or a recovery code, are expected.");
}
