using System.Text.Json;

namespace Marketplace.Portal.Api;

/// <summary>How the user signs in.</summary>
public sealed record TwoFactorState(bool IsActive, bool IsRequired, int RecoveryCodesLeft);

/// <summary>The signed-in user.</summary>
public sealed record Me(Guid UserId, string Email, string DisplayName, string[] Roles, TwoFactorState TwoFactor, bool HasPassword, DateTime? LinkedAt);

/// <summary>Where the user is signed in.</summary>
public sealed record SignedInAt(Guid Id, string Address, string UserAgent, DateTime CreatedAt, DateTime ExpiresAt, DateTime LastUsedAt, bool IsCurrent);

/// <summary>A member of the town's staff.</summary>
public sealed record StaffMember(
    Guid Id, string Email, string DisplayName, string[] Roles, bool TwoFactor, bool IsDisabled, DateTime CreatedAt, DateTime? LastSignInAt, int OpenSessions, int Version);

/// <summary>Something that happened to an account.</summary>
public sealed record AuditEntry(Guid Id, DateTime At, string Type, Guid? AccountId, string? Account, Guid? ActorId, string? Actor, string? ActorRole, JsonElement Data);
