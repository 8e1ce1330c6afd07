namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>What has to happen before somebody whom the provider knows is let in.</summary>
public enum Admission
{
    /// <summary>Nothing: a session begins.</summary>
    SignIn,

    /// <summary>The second factor of the account, which the provider did not replace.</summary>
    Code,

    /// <summary>The password of the account with the same e-mail, once: it is linked then.</summary>
    Password,

    /// <summary>What a business or a provider says of itself.</summary>
    Register,

    /// <summary>A new staff account with the mapped roles.</summary>
    HireStaff,

    /// <summary>A staff account without password, which the provider made, is linked to a further subject: it has no right but those that the provider tells of that subject too.</summary>
    Link,

    /// <summary>Refused: the account was closed here.</summary>
    AccountDisabled,

    /// <summary>Refused: staff without a role at the provider; the account loses the roles it has here.</summary>
    NoRole,

    /// <summary>Refused: neither a role nor a SIRET to register with.</summary>
    NoAccess,

    /// <summary>Refused: an account cannot be made for an e-mail that nobody verified.</summary>
    EmailNotVerified,

    /// <summary>Refused: the account with this e-mail belongs to another identity, and has no password to prove that it is the same person.</summary>
    IdentityChanged,

    /// <summary>Refused: the provider says that the user works elsewhere now.</summary>
    OtherOrganisation,

    /// <summary>Refused: the town asks its staff for a second factor, and the provider asked for one only.</summary>
    SecondFactorMissing,
}

/// <summary>As much of an account as the decision needs.</summary>
/// <param name="Siren">Of its organisation; null for staff.</param>
public sealed record KnownAccount(bool IsStaff, bool HasPassword, bool IsDisabled, bool HasTotp, bool MustHaveSecondFactor, string? Siren);

/// <summary>
/// Who is let in by the provider's word. An account with a password is never taken over by an e-mail alone, whoever
/// verified it: somebody may have registered it before its owner came, or may own the e-mail after. Its password is asked
/// for once.
/// </summary>
public static class Admissions
{
    /// <summary>The decision.</summary>
    /// <param name="who">What the provider says.</param>
    /// <param name="linked">The account that this identity is linked to.</param>
    /// <param name="ofEmail">The account that has its e-mail.</param>
    /// <param name="mapsRoles">Roles come from the provider (<c>OpenIdConnect:Roles</c> is set).</param>
    /// <param name="staffNeedsSecondFactor">The town asks its staff for one.</param>
    public static Admission Of(ExternalIdentity who, KnownAccount? linked, KnownAccount? ofEmail, bool mapsRoles, bool staffNeedsSecondFactor) =>
        linked is not null ? Into(linked, who, mapsRoles)
        : ofEmail is not null ? First(ofEmail, who, mapsRoles)
        : !who.IsEmailVerified ? Admission.EmailNotVerified
        : who.Roles is { Length: > 0 } ? staffNeedsSecondFactor && !who.IsMultiFactor ? Admission.SecondFactorMissing : Admission.HireStaff
        : who.Siret is not null ? Admission.Register
        : Admission.NoAccess;

    /// <summary>Into an account that this identity is linked to, or is about to be.</summary>
    public static Admission Into(KnownAccount account, ExternalIdentity who, bool mapsRoles) => account switch
    {
        { IsDisabled: true } => Admission.AccountDisabled,
        { IsStaff: true } when mapsRoles && who.Roles is not { Length: > 0 } => Admission.NoRole,
        { IsStaff: false } when who.Siret is { } siret && siret[..9] != account.Siren => Admission.OtherOrganisation,
        { HasTotp: true } when !who.IsMultiFactor => Admission.Code,
        { MustHaveSecondFactor: true, HasTotp: false, HasPassword: false } when !who.IsMultiFactor => Admission.SecondFactorMissing,
        _ => Admission.SignIn,
    };

    private static Admission First(KnownAccount account, ExternalIdentity who, bool mapsRoles) =>
        account is { IsStaff: true } && mapsRoles && who.Roles is not { Length: > 0 } ? Admission.NoAccess
        : account.HasPassword ? Admission.Password
        : account.IsStaff && who is { IsEmailVerified: true, Roles.Length: > 0 } ? Into(account, who, mapsRoles) is var into and not Admission.SignIn ? into : Admission.Link
        : Admission.IdentityChanged;
}
