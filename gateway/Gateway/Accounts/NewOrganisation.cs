using Dapper;
using FluentValidation;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Npgsql;

namespace Marketplace.Gateway.Accounts;

/// <summary>What every registration shares, whoever vouches for its first user.</summary>
public static class NewOrganisation
{
    /// <summary>The organisation of a body that <see cref="OrganisationRules"/> passed.</summary>
    /// <param name="body">What was said of it.</param>
    /// <param name="siret">14 digits.</param>
    public static Organisation Of(RegisterOrganisation.OrganisationBody body, string siret) => new(
        Guid.CreateVersion7(), body.Kind!, body.Name!.Trim(), siret, body.Headcount, body.TurnoverCents, body.Departement!, body.Iban is null ? null : Iban.Normalised(body.Iban));

    /// <summary>Stores it; false when its SIRET is registered already.</summary>
    public static async Task<bool> InsertAsync(NpgsqlConnection db, Organisation organisation, DateTime at) => await db.ExecuteAsync(
        """
        insert into organisation (id, kind, name, siret, headcount, turnover_cents, departement, iban, created_at)
        values (@Id, @Kind, @Name, @Siret, @Headcount, @TurnoverCents, @Departement, @Iban, @at)
        on conflict on constraint organisation_siret do nothing
        """,
        new { organisation.Id, organisation.Kind, organisation.Name, organisation.Siret, organisation.Headcount, organisation.TurnoverCents, organisation.Departement, organisation.Iban, at }) == 1;

    /// <summary>That it came to be, for the history.</summary>
    public static NewFact Fact(Organisation organisation, Guid userId, DateTime at) => new(
        organisation.Id, 1, new OrganisationRegistered(userId, organisation.Kind, organisation.Name, organisation.Siret, organisation.Headcount, organisation.TurnoverCents, organisation.Departement),
        at, userId, organisation.Kind);
}

/// <summary>What is required of what an organisation says of itself.</summary>
public sealed class OrganisationRules : AbstractValidator<RegisterOrganisation.OrganisationBody>
{
    /// <summary>The rules; without the SIRET, where the provider tells it.</summary>
    public OrganisationRules(bool withSiret)
    {
        RuleFor(o => o.Kind).NotNull().Must(k => k is null or OrganisationKind.Business or OrganisationKind.Provider).WithMessage("The kind is business or provider.");
        RuleFor(o => o.Name).IsName();
        if (withSiret)
        {
            RuleFor(o => o.Siret).NotNull().MaximumLength(40).Must(s => s is null || Siret.IsValid(Siret.WithoutSpaces(s))).WithMessage("A SIRET has 14 digits with right check digits.");
        }

        RuleFor(o => o.Headcount).InclusiveBetween(0, 1_000_000);
        RuleFor(o => o.TurnoverCents).InclusiveBetween(0, 1_000_000_000_000_000);
        RuleFor(o => o.Departement).NotNull().Must(d => d is null || Departement.IsValid(d)).WithMessage("A French département code is expected: 01 to 95, 2A, 2B, 971 to 976.");
        RuleFor(o => o.Iban).IsIban();
    }
}
