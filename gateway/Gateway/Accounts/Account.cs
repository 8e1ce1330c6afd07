namespace Marketplace.Gateway.Accounts;

/// <summary>Who can sign in.</summary>
/// <param name="Id">Its id in tokens.</param>
/// <param name="Email">Its sign-in name.</param>
/// <param name="DisplayName">What others see.</param>
/// <param name="PasswordHash">Null for who signs in by a provider only.</param>
/// <param name="Roles">None for staff that lost them at the provider.</param>
/// <param name="OrganisationId">Null for the town's staff.</param>
public sealed record Account(Guid Id, string Email, string DisplayName, string? PasswordHash, string[] Roles, Guid? OrganisationId);

/// <summary>A business or a provider, as it registered itself.</summary>
/// <param name="Id">Its id in tokens and everywhere else.</param>
/// <param name="Kind">One of <see cref="OrganisationKind"/>.</param>
/// <param name="Name">1 to 200 characters.</param>
/// <param name="Siret">14 digits.</param>
/// <param name="Headcount">0 to 1 000 000, when given.</param>
/// <param name="TurnoverCents">Yearly, in cents, 0 to 10^15, when given.</param>
/// <param name="Departement">Code such as <c>59</c>, <c>2A</c>, <c>974</c>.</param>
/// <param name="Iban">Where a provider is paid, when given.</param>
public sealed record Organisation(Guid Id, string Kind, string Name, string Siret, int? Headcount, long? TurnoverCents, string Departement, string? Iban);

/// <summary>Kinds of organisation; each is also the role of its users.</summary>
public static class OrganisationKind
{
    /// <summary>Buys.</summary>
    public const string Business = "business";

    /// <summary>Sells.</summary>
    public const string Provider = "provider";
}

/// <summary>For the history: an organisation and its first user came to be.</summary>
public sealed record OrganisationRegistered(Guid UserId, string Kind, string Name, string Siret, int? Headcount, long? TurnoverCents, string Departement);

/// <summary>For the history: where a provider is paid changed. The last four characters tell numbers apart; nobody needs more of them here.</summary>
public sealed record BankAccountChanged(string Ending, string? FormerEnding);

/// <summary>For the history: a member of the town's staff got an account.</summary>
public sealed record StaffAccountCreated(string[] Roles);
