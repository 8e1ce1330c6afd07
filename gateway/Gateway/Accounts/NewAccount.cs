using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Npgsql;

namespace Marketplace.Gateway.Accounts;

/// <summary>What self-registered and staff accounts share: one insert, one set of rules for their fields.</summary>
public static class NewAccount
{
    /// <summary>Stores the account; false when its e-mail has one already.</summary>
    public static async Task<bool> InsertAsync(NpgsqlConnection db, Account account, DateTime at, string? language = null) => await db.ExecuteAsync(
        """
        insert into account (id, email, email_key, display_name, password_hash, roles, organisation_id, created_at, language)
        values (@Id, @Email, @key, @DisplayName, @PasswordHash, @Roles, @OrganisationId, @at, @language)
        on conflict on constraint account_email do nothing
        """,
        new { account.Id, account.Email, key = Email.Key(account.Email), account.DisplayName, account.PasswordHash, account.Roles, account.OrganisationId, at, language }) == 1;

    /// <summary>Required; <see cref="Email.IsValid"/>.</summary>
    public static IRuleBuilderOptions<T, string?> IsEmail<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotNull().Must(e => e is null || Email.IsValid(e)).WithMessage($"An e-mail address of at most {Email.MaxLength} characters is expected.");

    /// <summary>Required; 1 to 200 characters, not only spaces, none of them a control character.</summary>
    public static IRuleBuilderOptions<T, string?> IsName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.NotEmpty().MaximumLength(200).Must(n => n is null || !n.Any(char.IsControl)).WithMessage("Control characters are not accepted.");

    /// <summary><c>fr</c> or <c>en</c>, when it is given.</summary>
    public static IRuleBuilderOptions<T, string?> IsLanguage<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(l => l is null or "fr" or "en").WithMessage("The language is fr or en.");

    /// <summary>A right IBAN, spaces allowed, when there is one (<see cref="Iban.IsValid"/>).</summary>
    public static IRuleBuilderOptions<T, string?> IsIban<T>(this IRuleBuilder<T, string?> rule) =>
        rule.MaximumLength(60).Must(i => i is null || Iban.IsValid(Iban.Normalised(i))).WithMessage("An IBAN with right check digits is expected.");

    /// <summary>Required; <see cref="PasswordRules"/>.</summary>
    public static IRuleBuilderOptionsConditions<T, Secret?> IsGoodPassword<T>(this IRuleBuilderInitial<T, Secret?> rule, Func<T, string?> email) =>
        rule.NotNull().Custom((password, context) =>
        {
            if (password is not null && PasswordRules.Refuses(password.Reveal(), email(context.InstanceToValidate)) is { } reason)
            {
                context.AddFailure(reason);
            }
        });
}

/// <summary>Refusals of new accounts.</summary>
public static class AccountProblems
{
    /// <summary>409: the e-mail has an account.</summary>
    public static readonly Problem EmailTaken = Problem.Conflict("email-taken", "This e-mail address has an account already.");

    /// <summary>409: the SIRET is registered.</summary>
    public static readonly Problem SiretTaken = Problem.Conflict("siret-taken", "An organisation with this SIRET is registered already.");
}
