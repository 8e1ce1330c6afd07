using System.Text.Json;
using Marketplace.LocalSidecar.Delivery;
using Marketplace.LocalSidecar.Routing;

namespace Marketplace.LocalSidecar.Subscriptions;

/// <summary>GET /dapr/subscribe on the app (wire contract §4.1), together with what the YAML files declare for it.</summary>
internal sealed class DiscoverSubscriptions(AppChannel channel, ILogger log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Null when the app could not be reached, so that it is not known what it wants.</summary>
    public async Task<IReadOnlyList<Subscription>?> AskAsync(LocalApp app, CancellationToken stop)
    {
        IReadOnlyList<Subscription> answered = [];
        // Without a component daprd does not ask either.
        if (app.Components.Count > 0)
        {
            using var request = channel.Request(HttpMethod.Get, app, "/dapr/subscribe");
            request.Headers.TryAddWithoutValidation("dapr-app-id", app.AppId);
            request.Content = AppChannel.Content([], "application/json");
            var response = await channel.SendAsync(request, Patience, stop);
            if (response.StatusCode is not { } status)
                return null;
            answered = Read(app, status, response.Body);
        }
        return app.Declared.Concat(answered).Where(one => IsUsable(app, one)).ToList();
    }

    private List<Subscription> Read(LocalApp app, int status, byte[] body)
    {
        if (status == 404)
            return [];
        if (status != 200)
        {
            log.LogError("{App}: /dapr/subscribe answered {Status}; the app gets no messages", app.AppId, status);
            return [];
        }
        try
        {
            return ReadSubscriptions.From(body);
        }
        catch (Exception problem) when (problem is JsonException or CelSyntaxException)
        {
            log.LogError("{App}: /dapr/subscribe is not usable, the app gets no messages: {Problem}", app.AppId, problem.Message);
            return [];
        }
    }

    private bool IsUsable(LocalApp app, Subscription subscription)
    {
        if (!app.Components.TryGetValue(subscription.PubSub, out var component))
            log.LogError("{App}: subscribes to {Topic} of the unknown component {PubSub}", app.AppId, subscription.Topic, subscription.PubSub);
        else if (!component.Topics.MaySubscribe(app.AppId, subscription.Topic))
            log.LogError("{App}: may not subscribe to {Topic} of {PubSub}", app.AppId, subscription.Topic, subscription.PubSub);
        else
            return true;
        return false;
    }
}
