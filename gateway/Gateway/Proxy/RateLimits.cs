using System.Threading.RateLimiting;
using Marketplace.Platform.Answers;

namespace Marketplace.Gateway.Proxy;

/// <summary>A bucket of requests.</summary>
/// <param name="PerSecond">How many are added each second.</param>
/// <param name="Burst">How many it holds.</param>
public sealed record Allowance(int PerSecond, int Burst);

/// <summary>
/// Who may send how much. Limits keep one client from taking everybody's share; they are wide enough for a town hall or
/// a test suite behind a single address. <c>RateLimits:Enabled=false</c> removes them, for load tests.
/// </summary>
public static class RateLimits
{
    /// <summary>Callers are spread over this many buckets by a keyed hash, so that made-up tokens cannot fill the memory.</summary>
    private const int Buckets = 8192;

    private static readonly Allowance SignIn = new(20, 600);
    private static readonly Allowance PerCaller = new(200, 2000);
    private static readonly Allowance PerAddress = new(5000, 20_000);

    /// <summary>Adds the limits to the pipeline unless the configuration switches them off.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        if (!app.Configuration.GetValue("RateLimits:Enabled", true))
        {
            return;
        }

        app.UseRateLimiter(new()
        {
            RejectionStatusCode = StatusCodes.Status429TooManyRequests,
            GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, int>(context => IsSignIn(context.Request) ? Bucket(Address(context), SignIn) : Unlimited),
                PartitionedRateLimiter.Create<HttpContext, int>(context => IsWebhook(context.Request) ? Unlimited : Bucket(Caller(context), PerCaller)),
                PartitionedRateLimiter.Create<HttpContext, int>(context => Bucket(Address(context), PerAddress))),
            OnRejected = (rejected, _) => RefuseAsync(rejected.HttpContext, rejected.Lease),
        });
    }

    private static RateLimitPartition<int> Unlimited { get; } = RateLimitPartition.GetNoLimiter(-1);

    private static RateLimitPartition<int> Bucket(string key, Allowance allowance) =>
        RateLimitPartition.GetTokenBucketLimiter((int)((uint)key.GetHashCode() % Buckets), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = allowance.Burst,
            TokensPerPeriod = Math.Max(1, allowance.PerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
            AutoReplenishment = true,
        });

    /// <summary>Accounts are guessed at and made by POST; reading one's own is a call like any other.</summary>
    private static bool IsSignIn(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments("/api/auth");

    /// <summary>All of them come from the payment provider, whose signature the service checks.</summary>
    private static bool IsWebhook(HttpRequest request) => request.Path.StartsWithSegments("/api/webhooks");

    private static string Caller(HttpContext context) => context.Request.Headers.Authorization is [{ Length: > 0 } token] ? token : Address(context);

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static ValueTask RefuseAsync(HttpContext context, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = $"{wait}";
        var problem = new Problem(429, "too-many-requests", "Too many requests.", $"Try again in {wait} s.");
        return new ValueTask(((Answer)problem).ExecuteAsync(context));
    }
}
