namespace Marketplace.Gateway.Accounts;

/// <summary>For the audit trail: a sign-in succeeded. <paramref name="Factor"/> is <c>password</c>, <c>totp</c>, <c>recovery-code</c>, or by the provider <c>openid</c>, <c>openid-totp</c>, <c>openid-recovery-code</c>.</summary>
public sealed record SignedIn(Guid SessionId, string Address, string UserAgent, string Factor);

/// <summary>For the audit trail: a sign-in failed by its <c>password</c> or <c>code</c>, or because the account is <c>disabled</c>, or because of what the provider told (<c>openid</c>). Of an unknown e-mail it is told without the e-mail.</summary>
public sealed record SignInFailed(string Address, string Reason);

/// <summary>For the audit trail: an identity of the provider is from now on this account.</summary>
public sealed record IdentityLinked(string Issuer);

/// <summary>For the audit trail: sessions were ended before their time.</summary>
public sealed record SessionsEnded(Guid[] SessionIds);

/// <summary>For the audit trail: a link to choose a new password was sent.</summary>
public sealed record PasswordResetSent;

/// <summary>For the audit trail: a new password was chosen, by a link that had been sent or by giving the old one.</summary>
public sealed record PasswordChanged(bool ByLink, string Address);

/// <summary>For the audit trail: two-factor sign-in was switched on.</summary>
public sealed record TwoFactorEnabled;

/// <summary>For the audit trail: two-factor sign-in was switched off.</summary>
public sealed record TwoFactorRemoved;

/// <summary>For the audit trail: a staff member's roles changed.</summary>
public sealed record RolesChanged(string[] From, string[] To);

/// <summary>For the audit trail: the account can no longer sign in.</summary>
public sealed record AccountDisabled;

/// <summary>For the audit trail: the account can sign in again.</summary>
public sealed record AccountEnabled;

/// <summary>For the audit trail: the name shown for the user changed.</summary>
public sealed record DisplayNameChanged(string From, string To);
