using System.Globalization;
using Marketplace.Portal.Api;
using Marketplace.Portal.Components;

namespace Marketplace.Portal.Business;

/// <summary>What a business declares of itself, as it typed it.</summary>
public sealed class Declaration
{
    /// <summary>The version that the page showed.</summary>
    public int Version { get; set; }

    /// <summary>One SIREN a line.</summary>
    public string? Linked { get; set; }

    /// <summary>Aid from elsewhere; rows without anything typed do not count.</summary>
    public List<Row> Aid { get; set; } = [];

    /// <summary>Which button was pressed: <c>add</c> or <c>save</c>.</summary>
    public string? Action { get; set; }

    /// <summary>The SIRENs typed, without the spaces that people write in them.</summary>
    public string[] Sirens =>
        [.. (Linked ?? "").Split(['\n', '\r', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(s => string.Concat(s.Where(c => !char.IsWhiteSpace(c))))];

    /// <summary>The rows that count, with their place in the form.</summary>
    public IReadOnlyList<(Row Row, int Place)> Rows => [.. Aid.Select((row, place) => (row, place)).Where(r => !r.row.IsRemoved && !r.row.IsEmpty)];

    /// <summary>As declared, and an empty row to fill.</summary>
    public static Declaration Of(Beneficiary beneficiary) => new()
    {
        Version = beneficiary.Version,
        Linked = string.Join('\n', beneficiary.LinkedSirens.Select(CompanyNumber.Grouped)),
        Aid = [.. beneficiary.DeclaredAid.Select(Row.Of), new Row()],
    };

    /// <summary>One aid from elsewhere.</summary>
    public sealed class Row
    {
        /// <summary>YYYY-MM-DD.</summary>
        public string? GrantedOn { get; set; }

        /// <summary>Euros.</summary>
        public string? Euros { get; set; }

        /// <summary>Who granted it.</summary>
        public string? Source { get; set; }

        /// <summary>Whether it is de minimis aid.</summary>
        public bool DeMinimis { get; set; }

        /// <summary>The reader takes it off the list.</summary>
        public bool IsRemoved { get; set; }

        /// <summary>Nothing typed.</summary>
        public bool IsEmpty => string.IsNullOrWhiteSpace(GrantedOn) && string.IsNullOrWhiteSpace(Euros) && string.IsNullOrWhiteSpace(Source);

        /// <summary>What is sent; what cannot be read is sent as absent, and refused by its name.</summary>
        public DeclaredAid ToAid() => new(
            DateOnly.TryParseExact(GrantedOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
            Amount.Parse(Euros, out _), Source, DeMinimis);

        /// <summary>A declared aid as a row.</summary>
        public static Row Of(DeclaredAid aid) => new()
        {
            GrantedOn = aid.GrantedOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Euros = aid.AmountCents is { } cents ? (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture) : null,
            Source = aid.Source,
            DeMinimis = aid.DeMinimis == true,
        };
    }
}
