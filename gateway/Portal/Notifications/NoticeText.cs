using Marketplace.Portal.Api;
using Marketplace.Portal.Texts;

namespace Marketplace.Portal.Notifications;

/// <summary>
/// A notification in a reader's language: the same words on the page and in a letter. What the notice does not tell is
/// left out; one of a kind that is newer than this program says that there is news, and where.
/// </summary>
public sealed class NoticeText(Wording wording, Notice notice)
{
    private readonly NoticeFields data = notice.Data;
    private readonly string kind = wording.Has($"notice.{notice.Kind}") ? notice.Kind : "other";

    /// <summary>What happened, in a few words.</summary>
    public string Title => wording[$"notice-title.{kind}"];

    /// <summary>What happened, and what one can do until when.</summary>
    public string Sentences => string.Join(" ", Parts());

    /// <summary>What the link says.</summary>
    public string Open => wording[$"notice-open.{Target}"];

    /// <summary>The page that it is about.</summary>
    public string Path => Target switch
    {
        "commitment" => $"/mes-engagements/{data.CommitmentId}",
        "order" => $"/mes-commandes/{data.PoolId}",
        "pool" => $"/groupements/{data.PoolId}",
        "accreditation" => "/agrement",
        _ => "/mon-espace",
    };

    /// <summary>A letter's subject: one line, whatever the pool is called.</summary>
    public string Subject => string.Concat((data.PoolTitle is { } title ? $"{Title}{wording["notice-mail.colon"]} {title}" : Title).Select(c => char.IsControl(c) ? ' ' : c));

    private string Target => data switch
    {
        { CommitmentId: not null } => "commitment",
        { PoolId: not null } when kind is "order-confirmed" or "delivery-refused" => "order",
        { PoolId: not null } => "pool",
        { Number: not null } => "accreditation",
        _ => "space",
    };

    /// <summary>A letter's text.</summary>
    /// <param name="name">The reader's name.</param>
    /// <param name="address">The full address of a page.</param>
    public string Letter(string name, Func<string, Uri> address) => $"""
        {wording.Say("notice-mail.hello", name)}

        {Sentences}

        {Open}{wording["notice-mail.colon"]}
        {address(Path)}

        {wording["notice-mail.why"]}
        {address("/mes-notifications")}

        """;

    private IEnumerable<string> Parts()
    {
        yield return wording.Say($"notice.{kind}", data.PoolTitle ?? data.Number ?? "", data.Criterion is { } criterion ? wording.Word("criterion", criterion) : "");
        if (data.MissingQuantity is { } missing && wording.Has($"notice-missing.{kind}.many"))
        {
            yield return wording.Count($"notice-missing.{kind}", missing);
        }

        if (data.UnitPriceCents is { } price && wording.Has($"notice-price.{kind}"))
        {
            yield return wording.Say($"notice-price.{kind}", wording.Money(price));
        }

        if (data.AmountCents is { } amount && wording.Has($"notice-amount.{kind}"))
        {
            yield return wording.Say($"notice-amount.{kind}", wording.Money(amount));
        }

        if (data.Until is { } until && wording.Has($"notice-until.{kind}"))
        {
            // What expires has a day; what is to be done by then has an hour.
            yield return wording.Say($"notice-until.{kind}", data.Number is null ? wording.Instant(until) : wording.Day(until));
        }
    }
}
