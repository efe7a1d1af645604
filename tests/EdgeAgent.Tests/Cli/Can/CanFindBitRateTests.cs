using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli.Can;

namespace EdgeAgent.Tests.Cli.Can;

/// <summary>What <c>edge-agent can find-bitrate</c> says; the search itself is tested with a controller, in Can.Tests.</summary>
public sealed class CanFindBitRateTests
{
    private static readonly BitRateTrial Errors = new(250_000, 0, 50, TimeSpan.FromSeconds(0.1)), Silent = new(125_000, 0, 0, TimeSpan.FromSeconds(2)), Impossible = new(83_333, 0, 0, TimeSpan.Zero, "no");

    [Theory]
    [InlineData("--rates 500000,x", 2, "--rates: 'x' is no bit rate from 1000 to 1000000 bit/s")]
    [InlineData("--rates 5000000", 2, "--rates: '5000000' is no bit rate from")]
    [InlineData("--seconds 0", 2, "--seconds: 0 is not from 0.1 to 60")]
    [InlineData("", 5, "nosuch0 does not exist")]
    public async Task What_cannot_be_searched_is_said(string options, int expected, string words)
    {
        var (code, output, errors) = await AgentProgram.RunAsync($"can find-bitrate nosuch0 --socket /nosuch {options}");
        Assert.Equal((expected, ""), (code, output));
        Assert.StartsWith($"edge-agent: {words}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_found_is_said_with_how_to_keep_it()
    {
        var found = new BitRateTrial(500_000, 132, 0, TimeSpan.FromSeconds(0.3));
        string[] lines = [.. CanFindBitRateCommand.Lines("can0", found, [Errors, found])];
        Assert.Equal("can0: the bit rate is 500 kbit/s: 132 frames, 0 errors in 0.3 s", lines[0]);
        Assert.Contains("edge-agent can up can0 --bitrate 500000 --restart-ms 100", lines[2], StringComparison.Ordinal);
        Assert.Contains("BitRate=500000", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("can0: the bit rate is probably 500 kbit/s", CanFindBitRateCommand.Lines("can0", found with { Frames = 2 }, []).First(), StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
    }

    [Fact]
    public void Why_nothing_was_found_is_said()
    {
        Assert.Contains("errors at all of them", NotFound(Errors, Silent), StringComparison.Ordinal);
        Assert.Contains("nothing is on the bus", NotFound(Silent, Impossible), StringComparison.Ordinal);
        Assert.Contains("takes none of these bit rates", NotFound(Impossible), StringComparison.Ordinal);
    }

    private static string NotFound(params BitRateTrial[] trials) => string.Join('\n', CanFindBitRateCommand.Lines("can0", null, trials));
}
