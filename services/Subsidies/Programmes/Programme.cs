namespace Marketplace.Subsidies.Programmes;

/// <summary>A programme as it is stored; amounts in cents, rates in basis points, instants in UTC.</summary>
public sealed record Programme(
    Guid Id,
    string Name,
    string Funder,
    long BudgetCents,
    long ReservedCents,
    long GrantedCents,
    long PaidCents,
    long RecoveredCents,
    int RateBps,
    long? CapCents,
    int WindowMonths,
    long MinSpendCents,
    long? MaxBaseCents,
    string[] Categories,
    string[] Territories,
    int? MaxHeadcount,
    long? MaxTurnoverCents,
    int IntensityCeilingBps,
    int Priority,
    bool DeMinimis,
    DateTime ValidFrom,
    DateTime ValidUntil,
    int Version,
    string? LegalBasis,
    string? FunderSiret)
{
    /// <summary>The columns of the table, in the record's order.</summary>
    public const string Columns =
        """
        id, name, funder, budget_cents, reserved_cents, granted_cents, paid_cents, recovered_cents, rate_bps, cap_cents, window_months, min_spend_cents, max_base_cents,
        categories, territories, max_headcount, max_turnover_cents, intensity_ceiling_bps, priority, de_minimis, valid_from, valid_until, version, legal_basis, funder_siret
        """;

    /// <summary>What still can be reserved.</summary>
    public long AvailableCents => BudgetCents - ReservedCents - GrantedCents - PaidCents - RecoveredCents;

    /// <summary>What the caller may see: finance everything, the public no more of the envelope than what is left in it.</summary>
    public object SeenBy(bool finance) => finance ? this : new PublicProgramme(
        Id, Name, Funder, BudgetCents, AvailableCents, RateBps, CapCents, WindowMonths, MinSpendCents, MaxBaseCents, Categories, Territories, MaxHeadcount,
        MaxTurnoverCents, IntensityCeilingBps, Priority, DeMinimis, ValidFrom, ValidUntil, Version, LegalBasis);
}

/// <summary>A programme as the public sees it.</summary>
public sealed record PublicProgramme(
    Guid Id,
    string Name,
    string Funder,
    long BudgetCents,
    long AvailableCents,
    int RateBps,
    long? CapCents,
    int WindowMonths,
    long MinSpendCents,
    long? MaxBaseCents,
    string[] Categories,
    string[] Territories,
    int? MaxHeadcount,
    long? MaxTurnoverCents,
    int IntensityCeilingBps,
    int Priority,
    bool DeMinimis,
    DateTime ValidFrom,
    DateTime ValidUntil,
    int Version,
    string? LegalBasis);
