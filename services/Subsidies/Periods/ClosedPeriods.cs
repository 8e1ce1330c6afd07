using Dapper;
using Marketplace.Platform.Answers;
using Npgsql;

namespace Marketplace.Subsidies.Periods;

/// <summary>
/// The years whose books are closed. Whoever records something that carries a day of its own (the booking date of a bank
/// movement, the execution date of a payment run) asks here first, after taking <c>MoneyLock</c>, which a closing holds
/// too. The ledger itself is guarded by a trigger.
/// </summary>
public sealed class ClosedPeriods
{
    private readonly HashSet<int> years;

    private ClosedPeriods(IEnumerable<int> years) => this.years = [.. years];

    /// <summary>Reads which they are.</summary>
    public static async Task<ClosedPeriods> ReadAsync(NpgsqlConnection db) => new(await db.QueryAsync<int>("select year from closed_period"));

    /// <summary>Whether the books of this day (Europe/Paris) are closed.</summary>
    public bool Contain(DateOnly day) => years.Contains(day.Year);

    /// <summary>409 <c>period-closed</c>, for what has a day in a closed year.</summary>
    /// <param name="day">That day.</param>
    /// <param name="what">What has it, such as <c>The movement in line 12</c>.</param>
    public static Problem Refusal(DateOnly day, string what) => Problem.Conflict(
        "period-closed", "The books of this year are closed.", $"{what} is dated {day:yyyy-MM-dd}.", new Dictionary<string, object?> { ["year"] = day.Year, ["date"] = day });
}
