using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Testing;

namespace Marketplace.Contracts.Tests;

/// <summary>
/// The facts as they lie in brokers and outboxes: <c>golden/&lt;topic&gt;.json</c>, written by hand when the fact was
/// introduced and not changed since. Facts are additive only; what these tests refuse needs a <c>V2</c>.
/// </summary>
public sealed partial class GoldenFiles
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Contracts.Tests", "golden");

    public static TheoryData<Type> Facts => [.. PublicFacts.Facts];

    [Fact]
    public void there_is_one_golden_file_per_fact_and_none_without_a_fact()
    {
        var files = Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

        Assert.Equal(PublicFacts.Facts.Select(f => FactName.Of(f) + ".json"), files);
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void a_topic_is_named_after_its_service_and_fact_and_version(Type fact)
    {
        Assert.Matches(Topic(), FactName.Of(fact));
        Assert.True(FactName.IsPublic(fact));
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void the_golden_file_is_read_and_written_again_without_loss(Type fact)
    {
        AssertSame(fact, Golden(fact), Json.Options);
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void source_generated_json_of_the_services_speaks_the_same_language(Type fact)
    {
        foreach (var context in PublicFacts.Services.Values.SelectMany(a => a.GetTypes()).Where(t => t.IsSubclassOf(typeof(JsonSerializerContext))))
        {
            var options = new JsonSerializerOptions(Json.Options);
            options.TypeInfoResolverChain.Insert(0, (IJsonTypeInfoResolver)context.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!);
            AssertSame(fact, Golden(fact), options);
        }
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void a_fact_from_before_an_optional_member_existed_is_still_read(Type fact)
    {
        var old = Golden(fact);
        foreach (var optional in Parameters(fact).Where(p => p.HasDefaultValue))
        {
            old.Remove(Camel(optional.Name!));
        }

        AssertSame(fact, old, Json.Options);
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void a_fact_from_a_newer_publisher_is_still_read(Type fact)
    {
        var newer = Golden(fact);
        newer["memberOfTheFuture"] = new JsonObject { ["deep"] = 1 };

        Assert.NotNull(newer.Deserialize(fact, Json.Options));
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void members_are_camel_case_and_the_golden_file_fills_every_one_that_is_not_optional(Type fact)
    {
        var golden = Golden(fact);

        Assert.Equal(Parameters(fact).Where(p => !p.HasDefaultValue || golden.ContainsKey(Camel(p.Name!))).Select(p => Camel(p.Name!)), golden.Select(m => m.Key));
        Assert.All(golden, member => Assert.True(member.Value is not null and not JsonArray { Count: 0 }, $"{member.Key} is empty"));
        Assert.All(golden, member => Assert.Matches("^[a-z][A-Za-z]*$", member.Key));
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void a_fact_is_flat_but_for_lists_of_small_records(Type fact)
    {
        foreach (var property in fact.GetProperties())
        {
            var type = property.PropertyType.GetElementType() ?? property.PropertyType;
            if (PublicFacts.Records.Contains(type))
            {
                Assert.True(property.PropertyType.IsArray, $"{property.Name} is an object");
                Assert.All(type.GetProperties(), part => Assert.True(IsScalar(part.PropertyType.GetElementType() ?? part.PropertyType), $"{property.Name}.{part.Name} nests deeper"));
            }
            else
            {
                Assert.True(IsScalar(type), $"{property.Name} is {type}");
            }
        }
    }

    [Fact]
    public void money_is_whole_cents_in_64_bits_and_instants_are_utc()
    {
        var properties = PublicFacts.Records.SelectMany(r => r.GetProperties()).ToList();

        Assert.All(properties.Where(p => p.Name.EndsWith("Cents", StringComparison.Ordinal)), p => Assert.Equal(typeof(long), Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType));
        Assert.All(properties.Where(p => p.Name.EndsWith("At", StringComparison.Ordinal)), p => Assert.Equal(typeof(DateTime), p.PropertyType));
        Assert.All(PublicFacts.Facts, f => Assert.Equal(typeof(int), f.GetProperty("Version")?.PropertyType));
    }

    private static JsonObject Golden(Type fact) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, FactName.Of(fact) + ".json")))!.AsObject();

    /// <summary>Equal in meaning; a member the record has and the JSON has not must be declared optional.</summary>
    private static void AssertSame(Type fact, JsonObject json, JsonSerializerOptions options)
    {
        var written = JsonSerializer.SerializeToNode(json.Deserialize(fact, options), fact, options)!.AsObject();
        foreach (var optional in Parameters(fact).Where(p => p.HasDefaultValue && !json.ContainsKey(Camel(p.Name!))))
        {
            Assert.True(written.Remove(Camel(optional.Name!)));
        }

        Assert.True(JsonNode.DeepEquals(json, written), $"golden: {json.ToJsonString()}\nwritten: {written.ToJsonString()}");
    }

    private static ParameterInfo[] Parameters(Type fact) => fact.GetConstructors().Single().GetParameters();

    private static bool IsScalar(Type type) => new[] { typeof(string), typeof(Guid), typeof(int), typeof(long), typeof(bool), typeof(DateTime), typeof(DateOnly) }.Contains(Nullable.GetUnderlyingType(type) ?? type);

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    [GeneratedRegex(@"^(accreditation|catalog|pooled-orders|subsidies)\.[a-z]+(-[a-z]+)*\.v[1-9]\d*$")]
    private static partial Regex Topic();
}
