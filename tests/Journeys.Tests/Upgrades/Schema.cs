using Dapper;
using Npgsql;

namespace Marketplace.Journeys_Tests.Upgrades;

/// <summary>What programs rely on in a database: tables, columns, and what may be written into them.</summary>
internal sealed record Schema(IReadOnlyDictionary<string, Column> Columns, IReadOnlyDictionary<string, string> Rules)
{
    private sealed record ColumnRow(string Table, string Name, string Type, bool IsNullable, bool HasDefault);

    private sealed record RuleRow(string Table, string Name, string Definition);

    public static async Task<Schema> ReadAsync(NpgsqlConnection db)
    {
        var columns = await db.QueryAsync<ColumnRow>(
            """
            select table_name::text as table, column_name::text as name, data_type || coalesce('(' || character_maximum_length || ')', '') as type, is_nullable = 'YES' as "IsNullable",
              column_default is not null or is_identity = 'YES' or is_generated = 'ALWAYS' as "HasDefault"
            from information_schema.columns where table_schema = 'public'
            """);
        var rules = await db.QueryAsync<RuleRow>(
            """
            select conrelid::regclass::text as table, conname::text as name, pg_get_constraintdef(oid) as definition from pg_constraint
            where connamespace = 'public'::regnamespace and contype in ('c', 'u', 'p', 'f', 'x') and conrelid <> 0
            union all
            select indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index join pg_class c on c.oid = indexrelid
            where indisunique and c.relnamespace = 'public'::regnamespace
            """);
        return new Schema(
            columns.ToDictionary(c => $"{c.Table}.{c.Name}", c => new Column(c.Table, c.Type, c.IsNullable, c.HasDefault)),
            rules.GroupBy(r => $"{r.Table}: {r.Name}").ToDictionary(g => g.Key, g => string.Join(" | ", g.Select(r => r.Definition).Order(StringComparer.Ordinal))));
    }

    /// <summary>
    /// What the programs of the previous version could trip over: a column that is gone, of another type or no longer
    /// nullable; a new one in a table of theirs that must be written; a new rule on a table of theirs.
    /// </summary>
    public static IEnumerable<string> Breaks(Schema previous, Schema next)
    {
        var tables = previous.Columns.Values.Select(c => c.Table).ToHashSet();
        foreach (var (name, old) in previous.Columns)
        {
            if (!next.Columns.TryGetValue(name, out var column))
            {
                yield return $"{name} is gone";
            }
            else if (column.Type != old.Type || !column.IsNullable && old.IsNullable || !column.HasDefault && old.HasDefault)
            {
                yield return $"{name} was {old} and is {column}";
            }
        }

        foreach (var (name, column) in next.Columns.Where(c => tables.Contains(c.Value.Table) && !previous.Columns.ContainsKey(c.Key)))
        {
            if (column is { IsNullable: false, HasDefault: false })
            {
                yield return $"{name} is new and must be written";
            }
        }

        foreach (var (name, rule) in next.Rules.Where(r => tables.Contains(r.Key.Split(':')[0]) && previous.Rules.GetValueOrDefault(r.Key) != r.Value))
        {
            yield return $"{name} is a new rule: {rule}";
        }
    }
}

/// <summary>A column of a table.</summary>
internal sealed record Column(string Table, string Type, bool IsNullable, bool HasDefault);
