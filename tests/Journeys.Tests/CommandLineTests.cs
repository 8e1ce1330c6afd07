using Marketplace.Local;

namespace Marketplace.Journeys_Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void nothing_given_runs_on_the_documented_port() => Assert.Equal(new RunCommand(Port: 8080), CommandLine.Parse([]));

    [Fact]
    public void every_option_of_the_run_is_understood() => Assert.Equal(
        new RunCommand(9090, null, "/srv/place", Fresh: true, Empty: true, Chaos: true),
        CommandLine.Parse(["--port", "9090", "--folder", "/srv/place", "--fresh", "--empty", "--chaos"]));

    [Fact]
    public void every_option_of_a_play_is_understood() => Assert.Equal(
        new PlayCommand("a.json", "b.json", "Host=db", Keep: true, Chaos: true, ThroughBank: true),
        CommandLine.Parse(["play", "--keep", "a.json", "--out", "b.json", "--chaos", "--database", "Host=db", "--through", "bank"]));

    [Theory]
    [InlineData("--help")]
    [InlineData("play", "--help")]
    [InlineData("--port", "80", "-h")]
    public void help_is_shown_wherever_it_is_asked_for(params string[] words) => Assert.IsType<Help>(CommandLine.Parse(words));

    [Theory]
    [InlineData("There is no option --prot", "--prot", "80")]
    [InlineData("--port needs a number from 1 to 65535, not '70000'", "--port", "70000")]
    [InlineData("--port needs a number from 1 to 65535, not 'x'", "--port", "x")]
    [InlineData("--port needs a value", "--port")]
    [InlineData("--database needs a value", "--database", "--fresh")]
    [InlineData("'campaign.json' is not understood", "campaign.json")]
    [InlineData("play needs the campaign file", "play", "--keep")]
    [InlineData("--through knows one place to go to: --through bank, not 'moon'", "play", "a.json", "--through", "moon")]
    [InlineData("--through needs a value", "play", "a.json", "--through")]
    [InlineData("There is no option --through", "--through", "bank")]
    [InlineData("'b.json' is not understood", "play", "a.json", "b.json")]
    [InlineData("There is no option --port", "play", "a.json", "--port", "80")]
    [InlineData("--fresh does not delete databases on a server that was given", "--fresh", "--database", "Host=db")]
    public void what_cannot_be_followed_is_told_in_a_sentence(string beginning, params string[] words) =>
        Assert.StartsWith(beginning, Assert.IsType<Misused>(CommandLine.Parse(words)).Sentence);
}
