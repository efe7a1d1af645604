using System.Text;
using System.Text.Json;
using EdgeAgent.Cli.Fleet;
using EdgeAgent.Tests.Publishing;
using Spectre.Console;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>What people and scripts see of a fleet.</summary>
public sealed class FleetTableTests
{
    private static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);

    [Fact]
    public void At_80_columns() => Assert.Equal(
        """
        acme: 5 devices, 2 online, 4 in trouble, 1 unreadable messages
        DEVICE    STATE    BUSES         SMP/S  BACKLOG  LOST  CPU  TROUBLE
        dongle-2  online   can0 bus-off    812  1.2k 4s     0  12%  can0 bus-off; disk …
        dongle-3  offline  can0 47%        812  1.2k 2h    12  12%  offline for 0s; bac…
        dongle-4  unknown  -                 -        -     -    -  configuration refus…
        dongle-5  unknown  -                 -        -     -    -  1 unreadable
        dongle-1  online   can0 47%        812  1.2k 4s     0  12%

        """,
        Plain(Messages.Mixed(), 80));

    [Fact]
    public void At_140_columns() => Assert.Equal(
        """
        acme: 5 devices, 2 online, 4 in trouble, 1 unreadable messages
        DEVICE    STATE    SEEN  CONFIG             BUSES         SMP/S  BACKLOG  LOST  CLOCK  CPU  DISK  TEMP  TROUBLE
        dongle-2  online     0s  e3                 can0 bus-off    812  1.2k 4s     0  ok     12%   99%    51  can0 bus-off; disk 1 % free
        dongle-3  offline    0s  e3                 can0 47%        812  1.2k 2h    12  unset  12%   62%    51  offline for 0s; backlog of 2h; cloc…
        dongle-4  unknown     -  e3 t11 refused     -                 -        -     -  -        -     -     -  configuration refused: /sources/0/d…
        dongle-5  unknown     -  -                  -                 -        -     -  -        -     -     -  1 unreadable
        dongle-1  online     0s  e3 t12 d2 applied  can0 47%        812  1.2k 4s     0  ok     12%   62%    51

        """,
        Plain(Messages.Mixed(), 140));

    [Fact]
    public void What_has_left_the_tenant_comes_last_and_is_in_no_trouble()
    {
        var roster = Messages.Roster();
        foreach (var message in (EdgeAgent.Publishing.IncomingMessage[])[Messages.Status("a", false), Messages.Health("a", controller: "bus-off", lost: 3), Messages.Left("a"), Messages.Status("b", true)]) roster.Take(message);
        roster.Take(Messages.Health("b"));
        string[] lines = Plain(roster, 80).Split('\n');
        Assert.Equal("acme: 1 devices, 1 online, 0 in trouble, 1 left", lines[0]);
        Assert.Equal(["b", "online", "a", "left"], lines[2..4].SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]));
        Assert.DoesNotContain("lost", lines[3], StringComparison.Ordinal);
        roster.Take(Messages.State("a", """{"status":"none"}"""));
        Assert.StartsWith("a ", Plain(roster, 80).Split('\n')[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(140)]
    [InlineData(240)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var roster = Messages.Mixed();
        roster.Take(Messages.Health(new string('d', 64), bus: new string('b', 64), state: "retrying"));
        Assert.All(Plain(roster, width).Split('\n').Skip(1), line => Assert.True(line.Length <= width, line));
    }

    [Fact]
    public void Live_it_fits_the_terminal_names_what_does_not_fit_and_takes_no_markup_from_devices()
    {
        var roster = Messages.Mixed();
        for (int i = 0; i < 100; i++) roster.Take(Messages.Message($"extra-{i}", "state", """{"version":"[red]1"}"""));
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        (console.Profile.Width, console.Profile.Height) = (200, 20);
        var subscription = new FleetSubscription(new FakeBroker(), roster, TimeProvider.System, new Random(1));
        console.Write(new FleetLiveView(console, roster, subscription, SilentAfter, new SteppedTime()).Draw());
        string[] lines = text.ToString().TrimEnd('\n').Split('\n');
        Assert.InRange(lines.Length, 10, 20);
        Assert.Equal($"and {105 - 15} more", lines[^1].Trim());
        Assert.Contains(lines, line => line.Contains("[red]1", StringComparison.Ordinal));
    }

    [Fact]
    public void As_JSON_a_line_a_device()
    {
        using var output = new MemoryStream();
        foreach (var row in FleetRow.Of(Messages.Mixed().Snapshot(), Messages.Now, SilentAfter)) FleetJson.Write(row, output);
        string[] lines = Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal(
            """
            {"device":"dongle-4","presence":"unknown","version":"0.2.0","epoch":3,"configuration":{"status":"refused","tenantVersion":11,"mistake":"/sources/0/dbc/0: no such artifact"},"unreadable":0,"severity":"bad","troubles":["configuration refused: /sources/0/dbc/0: no such artifact"]}
            """, lines[2]);
        using var second = JsonDocument.Parse(lines[0]);
        Assert.Equal("bus-off", second.RootElement.GetProperty("health").GetProperty("buses")[0].GetProperty("controller").GetString());
        Assert.Equal("vehicle/engine/running", second.RootElement.GetProperty("lastEvent").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(99.9, "99s")]
    [InlineData(100, "1m")]
    [InlineData(5999, "99m")]
    [InlineData(6000, "1h")]
    [InlineData(172_800, "2d")]
    [InlineData(1e10, "9999d")]
    public void Ages_are_short(double seconds, string text) => Assert.Equal(text, Shorthand.Age(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1000, "1.0k")]
    [InlineData(9949, "9.9k")]
    [InlineData(9960, "10k")]
    [InlineData(999_600, "1.0M")]
    [InlineData(long.MaxValue, "9.2E")]
    public void Counts_are_short(long count, string text) => Assert.Equal(text, Shorthand.Count(count));

    private static string Plain(FleetRoster roster, int width)
    {
        using var text = new StringWriter { NewLine = "\n" };
        FleetPlainView.Write(text, roster, FleetRow.Of(roster.Snapshot(), Messages.Now, SilentAfter), width);
        return text.ToString();
    }
}
