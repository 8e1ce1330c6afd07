using Marketplace.LocalSidecar.Delivery;
using Marketplace.LocalSidecar.Publishing;
using Marketplace.LocalSidecar.Resources;
using Marketplace.LocalSidecar.Storage;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar;

/// <summary>
/// Everything that runs besides the HTTP API. It is up before the API opens, and stops after the API has closed: claims end, attempts
/// in flight are waited for, the rest goes back to its group, and what has been settled is written.
/// </summary>
internal sealed class SidecarEngine : IHostedService
{
    private readonly SidecarSettings _settings;
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly IReadOnlyList<DeliveryQueue> _queues;
    private readonly Settlement _settlement;
    private readonly MessageIntake _intake;
    private Task _intakeLoop = Task.CompletedTask;
    private Task _settlementLoop = Task.CompletedTask;
    private Task _appLoops = Task.CompletedTask;

    public SidecarEngine(SidecarSettings settings, ResourceFiles resources, ILoggerFactory logs)
    {
        _settings = settings;
        _log = logs.CreateLogger("Marketplace.LocalSidecar");
        Database = new Database(settings.Database, _log);
        Channel = new AppChannel(settings.AppApiToken);
        Apps = settings.Apps.Select(app => new LocalApp(app, resources, _clock)).ToList();
        Groups = new ConsumerGroups(Database.Source, Apps.Where(app => app.Settings.AppPort != 0).Select(app => app.AppId).Distinct().ToList());

        var longestAttempt = Apps.Select(app => app.Policies.LongestTimeout).Append(DeliverMessages.TimeoutWithoutPolicy).Max();
        var lease = longestAttempt * 2 + TimeSpan.FromSeconds(10);
        _queues = Apps.Where(app => app.Settings.AppPort != 0)
            .Select(app => new DeliveryQueue(app, Database.Source, lease, settings.Chaos.MaxDelay, _log))
            .ToList();
        _settlement = new Settlement(Database.Source, _log);
        _settlement.RowsDue += (consumerId, pause) => _ = WakeAsync(consumerId, pause);
        _intake = new MessageIntake(Database.Source, Groups, _queues, settings.Chaos.Copies);
        var publish = new PublishThroughPolicies(_intake, Groups, settings.PublishWait);
        PublishEvent = new PublishEvent(publish, _clock);
        PublishInBulk = new PublishInBulk(publish, _clock);
        DeadLetters = new DeadLetters(Database.Source, consumerId => WakeAsync(consumerId, TimeSpan.Zero));
    }

    public Database Database { get; }
    public AppChannel Channel { get; }
    public IReadOnlyList<LocalApp> Apps { get; }
    public ConsumerGroups Groups { get; }
    public PublishEvent PublishEvent { get; }
    public PublishInBulk PublishInBulk { get; }
    public DeadLetters DeadLetters { get; }

    public async Task StartAsync(CancellationToken ct)
    {
        await Database.OpenAsync(ct);
        await Groups.LoadAsync(ct);
        // Groups of declared subscriptions exist from the start, as nobody has to be asked for them.
        foreach (var app in Apps.Where(app => app.Declared.Count > 0 && app.Settings.AppPort != 0))
            await Groups.DeclareAsync(app.AppId, [.. app.Declared.Select(one => (one.PubSub, one.Topic)).Distinct()], ct);

        _intakeLoop = Task.Run(_intake.RunAsync, CancellationToken.None);
        _settlementLoop = Task.Run(() => _settlement.RunAsync(_abort.Token), CancellationToken.None);
        var discover = new DiscoverSubscriptions(Channel, _log);
        _appLoops = Task.WhenAll(_queues.SelectMany(queue => new[]
        {
            Task.Run(() => queue.RunAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => new DeliverMessages(queue, _settlement, Channel, _clock, _settings.MaxConcurrency, _log).RunAsync(_stopping.Token, _abort.Token), CancellationToken.None),
            Task.Run(() => new WatchApp(queue.App, queue, discover, Groups, Channel, _settings, _log).RunAsync(_stopping.Token), CancellationToken.None),
        }));
    }

    public async Task StopAsync(CancellationToken ct)
    {
        _intake.Complete();
        await _intakeLoop;
        await _stopping.CancelAsync();
        _abort.CancelAfter(_settings.Drain);
        await _appLoops;
        _settlement.Complete();
        await _abort.CancelAsync();
        await _settlementLoop;
        await Database.DisposeAsync();
        Channel.Dispose();
    }

    private async Task WakeAsync(string? consumerId, TimeSpan pause)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause + TimeSpan.FromMilliseconds(2));
        foreach (var queue in _queues.Where(queue => consumerId is null || queue.App.AppId == consumerId))
            queue.Wake();
    }
}
