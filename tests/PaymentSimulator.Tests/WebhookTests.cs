using System.Collections.Concurrent;
using System.Text.Json;
using Marketplace.LocalPostgres;
using Marketplace.PooledOrders.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>Webhooks as a receiver sees them: signed, retried, and with every fault that can be switched on.</summary>
public sealed class WebhookTests(Simulator simulator) : IClassFixture<Simulator>, IAsyncLifetime
{
    private const string Secret = "whsec_receiver";
    private readonly ConcurrentQueue<(string Event, StripeSignatureVerdict Verdict)> _received = [];
    private readonly int _port = PostgresServer.FreePort();
    private WebApplication? _receiver;
    private volatile int _refusals;

    public async ValueTask InitializeAsync()
    {
        simulator.Kill();
        await simulator.StartAsync($"http://127.0.0.1:{_port}/webhooks", Secret);
    }

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
            await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task an_event_arrives_signed_and_is_the_one_of_the_event_list()
    {
        await ListenAsync();
        var customer = await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(async () => _received.Any(r => r.Event.Contains(customer, StringComparison.Ordinal)) && await NothingWaitsAsync());

        Assert.All(_received, delivery => Assert.Equal(StripeSignatureVerdict.Valid, delivery.Verdict));
        using var json = JsonDocument.Parse(_received.Single(r => r.Event.Contains(customer, StringComparison.Ordinal)).Event);
        var id = json.RootElement.GetProperty("id").GetString();
        var listed = await simulator.Client.ListEventsAsync(["customer.created"], null, null, null, 10, default);
        var same = Assert.Single(listed.Value!.Data, e => e.Id == id);
        Assert.Equal((StripeOptions.ApiVersion, false, "customer.created"), (same.ApiVersion, same.Livemode, same.Type));
        Assert.Equal(customer, same.Data.Object.GetProperty("id").GetString());
    }

    [Fact]
    public async Task an_event_that_is_refused_comes_again()
    {
        _refusals = 2;
        await ListenAsync();
        var customer = await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(() => Task.FromResult(Count(customer) == 3));
    }

    [Fact]
    public async Task an_event_survives_the_death_of_both_sides()
    {
        var customer = await simulator.NewCustomerAsync();
        Assert.False(await NothingWaitsAsync());
        simulator.Kill();
        await simulator.StartAsync($"http://127.0.0.1:{_port}/webhooks", Secret);
        await ListenAsync();
        await Simulator.EventuallyAsync(() => Task.FromResult(Count(customer) == 1));
    }

    [Fact]
    public async Task an_event_can_be_sent_twice()
    {
        await ListenAsync();
        await simulator.SwitchAsync(new { webhook_duplicate = 1 });
        var customer = await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(() => Task.FromResult(Count(customer) == 2));
        Assert.Single(_received.Select(r => r.Event).Distinct());
    }

    [Fact]
    public async Task a_wrong_signature_is_noticed_and_the_right_one_follows()
    {
        await ListenAsync();
        await simulator.SwitchAsync(new { webhook_wrong_signature = 1 });
        var customer = await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(() => Task.FromResult(Count(customer) == 2));
        Assert.Equal([StripeSignatureVerdict.WrongSignature, StripeSignatureVerdict.Valid], _received.Select(r => r.Verdict));
    }

    [Fact]
    public async Task a_dropped_event_is_still_in_the_list_to_catch_up_from()
    {
        await ListenAsync();
        await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(NothingWaitsAsync);
        var last = (await simulator.Client.ListEventsAsync([], null, null, null, 1, default)).Value!.Data.Single().Id;
        await simulator.SwitchAsync(new { webhook_drop = 1 });
        var customer = await simulator.NewCustomerAsync();
        await Simulator.EventuallyAsync(NothingWaitsAsync);

        Assert.Equal(0, Count(customer));
        var missed = await simulator.Client.ListEventsAsync([], null, last, null, 100, default);
        Assert.Equal(customer, Assert.Single(missed.Value!.Data).Data.Object.GetProperty("id").GetString());
    }

    [Fact]
    public async Task waiting_events_can_be_sent_in_reverse_order()
    {
        await ListenAsync();
        await simulator.SwitchAsync(new { webhook_hold = true });
        var customers = new List<string>();
        for (var i = 0; i < 3; i++)
            customers.Insert(0, await simulator.NewCustomerAsync());
        Assert.Empty(_received);
        await simulator.SwitchAsync(new { webhook_reorder = true });
        await Simulator.EventuallyAsync(() => Task.FromResult(_received.Count == 3));
        Assert.Equal(customers, _received.Select(r => customers.Single(customer => r.Event.Contains(customer, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task an_endpoint_made_by_the_api_gets_only_the_types_it_wants()
    {
        await ListenAsync();
        var endpoint = await simulator.PostAsync("v1/webhook_endpoints",
            $"url=http%3A%2F%2F127.0.0.1%3A{_port}%2Fother&enabled_events[0]=setup_intent.succeeded&api_version={StripeOptions.ApiVersion}");
        Assert.StartsWith("whsec_", (string?)endpoint["secret"], StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", (await simulator.GetAsync("v1/webhook_endpoints")).Text, StringComparison.Ordinal);

        var customer = await simulator.NewCustomerAsync();
        var setup = await simulator.PostAsync("v1/setup_intents", $"customer={customer}&payment_method=pm_card_visa&confirm=true&allowed_payment_method_types[0]=card");
        await Simulator.EventuallyAsync(NothingWaitsAsync);
        // Once for the configured endpoint, once for the new one, whose secret is another.
        Assert.Equal(2, _received.Count(r => r.Event.Contains("setup_intent.succeeded", StringComparison.Ordinal) && r.Event.Contains(setup.Id, StringComparison.Ordinal)));
        Assert.Single(_received, r => r.Verdict == StripeSignatureVerdict.WrongSignature);
        Assert.Equal(200, (int)(await simulator.Http.DeleteAsync($"v1/webhook_endpoints/{endpoint.Id}")).StatusCode);
    }

    private int Count(string text) => _received.Count(r => r.Event.Contains(text, StringComparison.Ordinal));

    private async Task<bool> NothingWaitsAsync() =>
        (await simulator.GetAsync("v1/events?delivery_success=false&limit=100"))["data"]!.AsArray().Count == 0;

    private async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _receiver = builder.Build();
        _receiver.Urls.Add($"http://127.0.0.1:{_port}");
        _receiver.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var verdict = StripeSignature.Verify(
                body.ToArray(), context.Request.Headers["Stripe-Signature"], Secret, TimeProvider.System.GetUtcNow(), StripeSignature.DefaultTolerance);
            _received.Enqueue((System.Text.Encoding.UTF8.GetString(body.ToArray()), verdict));
            context.Response.StatusCode = Interlocked.Decrement(ref _refusals) >= 0 ? 503 : 200;
        });
        await _receiver.StartAsync();
    }
}
