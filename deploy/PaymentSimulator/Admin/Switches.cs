namespace Marketplace.PaymentSimulator.Admin;

/// <summary>Faults to be tested; each counts down and then behaves as if nothing had happened.</summary>
public sealed class Switches
{
    private readonly Lock _lock = new();
    private SwitchSettings _settings = new();

    /// <summary>The switches as they are now.</summary>
    public SwitchSettings Settings
    {
        get { lock (_lock) return _settings; }
        set { lock (_lock) _settings = value; }
    }

    /// <summary>Status to answer instead of doing anything, or <c>null</c>.</summary>
    public int? NextAnswer(string path)
    {
        lock (_lock)
        {
            if (_settings.AnswerCount <= 0 || _settings.AnswerStatus is not (409 or 424 or 429 or >= 500 and < 600) || !Concerns(path))
                return null;
            _settings = _settings with { AnswerCount = _settings.AnswerCount - 1 };
            return _settings.AnswerStatus;
        }
    }

    /// <summary>Whether to cut the connection although everything was committed.</summary>
    public bool CutAfterCommit(string path) => Take(path, settings => settings.CutAfterCommit, settings => settings with { CutAfterCommit = settings.CutAfterCommit - 1 });

    /// <summary>Takes its time, holding the idempotency key.</summary>
    public Task Slow(string path) =>
        Take(path, settings => settings.SlowCount, settings => settings with { SlowCount = settings.SlowCount - 1 })
            ? Task.Delay(Math.Clamp(Settings.SlowMs, 0, 60_000))
            : Task.CompletedTask;

    /// <summary>Whether to take the next webhook of a kind of fault.</summary>
    public bool Take(Func<SwitchSettings, int> count, Func<SwitchSettings, SwitchSettings> used) => Take(null, count, used);

    private bool Take(string? path, Func<SwitchSettings, int> count, Func<SwitchSettings, SwitchSettings> used)
    {
        lock (_lock)
        {
            if (count(_settings) <= 0 || (path is not null && !Concerns(path)))
                return false;
            _settings = used(_settings);
            return true;
        }
    }

    private bool Concerns(string path) => _settings.Path is null || path.StartsWith(_settings.Path, StringComparison.Ordinal);
}

/// <summary>Body of <c>POST /simulator/switches</c>; a new one replaces all.</summary>
/// <param name="Path">Calls concerned, by the start of their path; all when absent.</param>
/// <param name="AnswerStatus">409, 424, 429 or 5xx, answered to the next <paramref name="AnswerCount"/> calls without doing anything.</param>
/// <param name="CutAfterCommit">How many calls are done, committed, and then cut off without an answer.</param>
/// <param name="SlowMs">How long, at most 60 000, the next <paramref name="SlowCount"/> calls take.</param>
/// <param name="WebhookDuplicate">How many webhooks are sent twice.</param>
/// <param name="WebhookHold">Send none for now.</param>
/// <param name="WebhookReorder">Send those that wait in reverse order, one by one.</param>
/// <param name="WebhookDelayMs">How long each webhook is held back, at most 60 000.</param>
/// <param name="WebhookDrop">How many webhooks are never sent.</param>
/// <param name="WebhookWrongSignature">How many deliveries carry a wrong signature; they are retried with the right one.</param>
public sealed record SwitchSettings(
    string? Path = null, int AnswerStatus = 0, int AnswerCount = 0, int CutAfterCommit = 0, int SlowMs = 0, int SlowCount = 0,
    int WebhookDuplicate = 0, bool WebhookHold = false, bool WebhookReorder = false, int WebhookDelayMs = 0, int WebhookDrop = 0, int WebhookWrongSignature = 0);
