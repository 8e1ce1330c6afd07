using System.Text.Json;
using Marketplace.LocalSidecar.Routing;

namespace Marketplace.Conformance;

/// <summary>The subset of CEL that routing rules may use.</summary>
public class Expressions
{
    private static readonly JsonElement Event = JsonDocument.Parse("""
        {"type":"order.paid","id":"1","data":{"amount":150,"kind":"x","tags":["a","b"],"ok":true,"nothing":null,"nested":{"deep":"v"}}}
        """).RootElement;

    [Theory]
    [InlineData("event.type == \"order.paid\"", true)]
    [InlineData("event.type == 'order.paid'", true)]
    [InlineData("event.type != 'order.paid'", false)]
    [InlineData("event.data.amount > 100 && event.data.amount <= 150.0", true)]
    [InlineData("event.data.amount < 100 || event.data.amount >= 150", true)]
    [InlineData("!(event.data.amount == 150)", false)]
    [InlineData("event.data.amount > -1", true)]
    [InlineData("has(event.subject)", false)]
    [InlineData("has(event.data.kind) && event.data.kind in ['x', 'y']", true)]
    [InlineData("'a' in event.data.tags", true)]
    [InlineData("'kind' in event.data", true)]
    [InlineData("event.data.tags[1] == 'b'", true)]
    [InlineData("event['type'] == 'order.paid'", true)]
    [InlineData("event.data.nested.deep.startsWith('v')", true)]
    [InlineData("event.type.endsWith('.paid') && event.type.contains('der.')", true)]
    [InlineData("event.type.matches('^order[.](paid|sent)$')", true)]
    [InlineData("event.data.ok", true)]
    [InlineData("event.data.nothing == null", true)]
    [InlineData("event.data.amount == 'x'", false)]
    [InlineData("event.data.tags == ['a', 'b']", true)]
    [InlineData("event.data.missing > 1 || event.data.ok", true)]
    [InlineData("event.data.missing > 1 && false", false)]
    [InlineData("true || false && false", true)]
    public void an_expression_is_evaluated_as_cel_does(string text, bool expected) =>
        Assert.Equal(expected, CelExpression.Parse(text, "event").IsTrue(_ => Event));

    [Theory]
    [InlineData("event.missing == 1")]
    [InlineData("event.data.amount")]
    [InlineData("event.data.tags[7] == 'a'")]
    [InlineData("event.data.kind > 1")]
    [InlineData("event.data.amount.startsWith('1')")]
    [InlineData("event.type.matches('(')")]
    [InlineData("1 in event.data.amount")]
    public void an_expression_can_fail_on_a_message(string text) =>
        Assert.Throws<CelRuntimeException>(() => CelExpression.Parse(text, "event").IsTrue(_ => Event));

    [Theory]
    [InlineData("")]
    [InlineData("event.data.amount + 1 > 2")]
    [InlineData("size(event.data.tags) > 1")]
    [InlineData("event.type.size() > 1")]
    [InlineData("event.data.tags.exists(t, t == 'a')")]
    [InlineData("event.type == 'x' ? true : false")]
    [InlineData("other.type == 'x'")]
    [InlineData("event.type == \"x")]
    [InlineData("event.type = 'x'")]
    [InlineData("event.type == r'x'")]
    [InlineData("event.type == 0x10")]
    [InlineData("has(event)")]
    [InlineData("event.type == 'a\\u0041'")]
    [InlineData("(event.type == 'x'")]
    [InlineData("event.type == 'x' event.id == '1'")]
    public void what_is_outside_the_subset_is_refused_when_it_is_read(string text) =>
        Assert.Throws<CelSyntaxException>(() => CelExpression.Parse(text, "event"));
}
