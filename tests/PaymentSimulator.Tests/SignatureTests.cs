using System.Text;
using System.Text.Json;
using Marketplace.PaymentSimulator.Webhooks;
using Marketplace.PooledOrders.Payments;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>
/// The 22 vectors that were recorded from the official Node SDK. Two of them end otherwise here, on purpose (wire contract §10.1):
/// Node takes timestamps from the future and the last of several timestamps; we take |Δ| ≤ 300 s in both directions, and exactly
/// one timestamp.
/// </summary>
public sealed class SignatureTests
{
    private static readonly Dictionary<string, StripeSignatureVerdict> StricterThanNode = new()
    {
        ["future 301"] = StripeSignatureVerdict.OutsideTolerance,
        ["duplicate t last wins?"] = StripeSignatureVerdict.Malformed,
    };

    public static TheoryData<string> Names() => [.. Vectors.Keys];

    [Fact]
    public void there_are_22_vectors_and_two_differences()
    {
        Assert.Equal(22, Vectors.Count);
        Assert.All(StricterThanNode.Keys, name => Assert.Equal("accept", Vectors[name].GetProperty("nodeSdk").GetString()));
    }

    [Theory, MemberData(nameof(Names))]
    public void a_signature_is_judged_as_the_official_sdk_does_except_where_we_are_stricter(string name)
    {
        var vector = Vectors[name];
        var verdict = StripeSignature.Verify(
            vector.GetProperty("bodyBase64").GetBytesFromBase64(), vector.GetProperty("header").GetString(), vector.GetProperty("secret").GetString()!,
            DateTimeOffset.FromUnixTimeSeconds(vector.GetProperty("nowUnix").GetInt64()),
            TimeSpan.FromSeconds(vector.GetProperty("toleranceSeconds").GetInt32()));

        if (StricterThanNode.TryGetValue(name, out var expected))
            Assert.Equal(expected, verdict);
        else
            Assert.Equal(vector.GetProperty("nodeSdk").GetString() == "accept", verdict == StripeSignatureVerdict.Valid);
    }

    [Theory]
    [InlineData(-301, StripeSignatureVerdict.OutsideTolerance)]
    [InlineData(-300, StripeSignatureVerdict.Valid)]
    [InlineData(300, StripeSignatureVerdict.Valid)]
    [InlineData(301, StripeSignatureVerdict.OutsideTolerance)]
    public void five_minutes_are_tolerated_in_both_directions(int seconds, StripeSignatureVerdict expected)
    {
        var signed = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var body = "{}"u8.ToArray();
        var header = WebhookSignature.Header(body, "whsec_a", signed);
        Assert.Equal(expected, StripeSignature.Verify(body, header, "whsec_a", signed.AddSeconds(seconds), StripeSignature.DefaultTolerance));
    }

    [Fact]
    public void the_check_cannot_be_switched_off_by_a_tolerance_of_zero() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => StripeSignature.Verify([], "t=1,v1=a", "whsec_a", DateTimeOffset.UnixEpoch, TimeSpan.Zero));

    [Theory]
    [InlineData("t=99999999999999999999999,v1=aa")]
    [InlineData("t=-5,v1=aa")]
    [InlineData("t= 5,v1=aa")]
    [InlineData("t=,v1=aa")]
    [InlineData("v1=é,t=é")]
    public void a_strange_timestamp_is_malformed_not_an_exception(string header) =>
        Assert.Equal(StripeSignatureVerdict.Malformed, StripeSignature.Verify("x"u8, header, "whsec_a", DateTimeOffset.UnixEpoch, StripeSignature.DefaultTolerance));

    [Fact]
    public void the_greatest_timestamp_is_far_away_not_an_overflow()
    {
        var body = Encoding.UTF8.GetBytes("x");
        var header = $"t={long.MaxValue},v1=00";
        Assert.Equal(StripeSignatureVerdict.WrongSignature, StripeSignature.Verify(body, header, "whsec_a", DateTimeOffset.UnixEpoch, StripeSignature.DefaultTolerance));
    }

    private static readonly Dictionary<string, JsonElement> Vectors = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "stripe-signatures.json")))
        .RootElement.EnumerateArray().ToDictionary(vector => vector.GetProperty("name").GetString()!);
}
