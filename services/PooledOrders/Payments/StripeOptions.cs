using System.ComponentModel.DataAnnotations;

namespace Marketplace.PooledOrders.Payments;

/// <summary>Which kind of Stripe the configuration points to.</summary>
public enum StripeMode
{
    /// <summary>The local payment simulator: no money moves, nothing leaves the machine.</summary>
    Simulation,

    /// <summary>Stripe's own test environment: no money moves.</summary>
    Sandbox,

    /// <summary>Real cards, real money.</summary>
    Live,
}

/// <summary>Configuration section <c>Stripe</c>.</summary>
public sealed class StripeOptions
{
    /// <summary>The API version that this client's records and parameters were written for (wire contract §4).</summary>
    public const string ApiVersion = "2026-10-28.endive";

    /// <summary>API key, <c>sk_test_…</c>, <c>rk_test_…</c>, <c>sk_live_…</c> or <c>rk_live_…</c>. A secret.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Address of the API; the payment simulator's in the local run.</summary>
    public Uri BaseAddress { get; set; } = new("https://api.stripe.com/");

    /// <summary>Signing secret of our webhook endpoint, <c>whsec_…</c>. A secret.</summary>
    public string WebhookSecret { get; set; } = "";

    /// <summary>A deployment that takes real money says so; then nothing but a live key at Stripe's address starts.</summary>
    public bool LiveMode { get; set; }

    /// <summary>Simulation is shown on every page that talks about payment.</summary>
    public StripeMode Mode =>
        !IsStripe(BaseAddress) ? StripeMode.Simulation : IsLive(SecretKey) ? StripeMode.Live : StripeMode.Sandbox;

    /// <summary>
    /// Live mode, Stripe's host and a live key go together: the simulator cannot slip into production, and no real card can be
    /// charged from anywhere else. Run before the first call.
    /// </summary>
    /// <returns>What is wrong, or <c>null</c>. Never contains a secret.</returns>
    public string? Fault() => this switch
    {
        { SecretKey: var key } when !IsLive(key) && !IsTest(key) => "Stripe:SecretKey must start with sk_test_, rk_test_, sk_live_ or rk_live_.",
        { BaseAddress: { IsAbsoluteUri: false } } => "Stripe:BaseAddress must be an absolute address.",
        { LiveMode: true, SecretKey: var key } when !IsLive(key) => "Stripe:LiveMode is on but Stripe:SecretKey is not a live key.",
        { LiveMode: true, BaseAddress: var address } when !IsStripe(address) => "Stripe:LiveMode is on but Stripe:BaseAddress is not https://api.stripe.com.",
        { LiveMode: false, SecretKey: var key } when IsLive(key) => "Stripe:SecretKey is a live key but Stripe:LiveMode is off.",
        { BaseAddress: var address } when address.Host == StripeHost && !IsStripe(address) => "Stripe is reached by https only.",
        _ => null,
    };

    /// <summary>Refuses to start on a configuration with a <see cref="Fault"/>.</summary>
    /// <exception cref="ValidationException">The configuration is not safe.</exception>
    public void Check()
    {
        if (Fault() is { } fault)
            throw new ValidationException(fault);
    }

    /// <summary>Names the mode only: the keys must not reach a log.</summary>
    public override string ToString() => $"Stripe ({Mode})";

    private const string StripeHost = "api.stripe.com";

    private static bool IsStripe(Uri address) =>
        address.Host == StripeHost && address.Scheme == Uri.UriSchemeHttps && address.IsDefaultPort;

    private static bool IsLive(string key) =>
        key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal);

    private static bool IsTest(string key) =>
        key.StartsWith("sk_test_", StringComparison.Ordinal) || key.StartsWith("rk_test_", StringComparison.Ordinal);
}
