using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Marketplace.Gateway.Documentation;

/// <summary>
/// A piece of HTML. Made from an interpolated string, in which every value is encoded unless it is HTML itself, so that
/// no text can become markup by being forgotten.
/// </summary>
public sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly string markup;

    private Html(string markup) => this.markup = markup;

    /// <summary>Nothing.</summary>
    public static Html Empty { get; } = new("");

    /// <summary>The interpolated string, its values encoded.</summary>
    public static Html Of(Template template) => new(template.Markup);

    /// <summary>All pieces, one after the other.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(p => p.markup)));

    /// <inheritdoc />
    public override string ToString() => markup;

    /// <summary>Encodes the values of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Template
    {
        private readonly StringBuilder text;

        /// <summary>Called by the compiler.</summary>
        public Template(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + formattedCount * 16);

        /// <summary>What was written.</summary>
        public string Markup => text.ToString();

        /// <summary>The markup between the values.</summary>
        public void AppendLiteral(string literal) => text.Append(literal);

        /// <summary>HTML as it is.</summary>
        public void AppendFormatted(Html? html) => text.Append(html?.markup);

        /// <summary>Text, encoded.</summary>
        public void AppendFormatted(string? value) => text.Append(value is null ? null : Encoder.Encode(value));

        /// <summary>A number.</summary>
        public void AppendFormatted(int value) => text.Append(value);
    }
}
