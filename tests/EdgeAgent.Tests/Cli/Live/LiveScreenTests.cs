using System.Text.Json.Nodes;
using EdgeAgent.Cli.Live;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Live;

public sealed class LiveScreenTests
{
    private const string Signals = """
        [{"name":"can0/Engine/Speed","unit":"rpm","value":812.5,"time":"x"},{"name":"can0/Engine/State","value":2,"label":"Running","time":"x"},
         {"name":"can0/Brakes/APressureOfWhichTheNameIsVeryLong","unit":"kilopascal","value":0.12345678901234567,"time":"x"},{"name":"can0/Brakes/Ratio","value":null,"time":"x"}]
        """;

    private readonly FakeTimeProvider _time = new();
    private readonly LiveModel _model;
    private readonly LiveKeys _keys = new();

    public LiveScreenTests() => _model = new LiveModel(_time);

    [Fact]
    public void A_screen_of_80_columns()
    {
        _model.Take(Status(frames: 1000, samples: 5000));
        _model.Take(JsonNode.Parse(Signals)!.AsArray());
        _time.Advance(TimeSpan.FromSeconds(2));
        _model.Take(Status(frames: 2200, samples: 8000));
        _model.Take(JsonNode.Parse("""[{"name":"can0/Engine/Speed","unit":"rpm","value":3100,"time":"x"},{"name":"can0/Engine/State","value":2,"label":"Running","time":"x"}]""")!.AsArray());
        _time.Advance(TimeSpan.FromSeconds(1.4));
        Assert.Equal("""
            dongle-1  tenant acme, epoch 3  configuration applied  clock synchronized
            away  mqtts://broker.example.com:8883  buffered 1.2k  stored 35kB  oldest 2h
            BUS            STATE      FRAMES/S SAMPLES/S LOAD CONTROLLER    ERRORS  DROPPED
            can0           open            600      1.5k  23% error-passive   1.5k        3
            a-bus-with-a-… retrying          -         -    - -                  0        0

            SIGNAL 1-4 of 4                                VALUE UNIT     LABEL         AGE
            can0/Brakes/APressureOfWhichTheNameIs…      0.123457 kilopas…                3s
            can0/Brakes/Ratio                                  -                         3s
            can0/Engine/Speed                      *        3100 rpm
            can0/Engine/State                                  2          Running


            q quit   up/down, page, home, end: scroll   / filter   esc: all signals
            """, Draw(height: 14));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("*", Draw(height: 14), StringComparison.Ordinal);
    }

    [Fact]
    public void What_changes_and_what_is_wrong_stands_out()
    {
        _model.Take(Status(frames: 1, samples: 1));
        _model.Take(JsonNode.Parse(Signals)!.AsArray());
        _model.Take(JsonNode.Parse("""[{"name":"can0/Engine/Speed","unit":"rpm","value":3100,"time":"x"}]""")!.AsArray());
        var lines = LiveScreen.Draw(_model.Picture(), _keys, 80, 24);
        Assert.Equal("away", Marked(lines[1], Emphasis.Bad));
        Assert.Equal("error-passive", Marked(lines[3], Emphasis.Bad));
        Assert.Equal("retrying", Marked(lines[4], Emphasis.Bad));
        Assert.Equal("*        3100", Marked(lines.Single(line => line.Text.Contains("Speed", StringComparison.Ordinal)), Emphasis.Changed));
        Assert.Equal("", Marked(lines.Single(line => line.Text.Contains("State", StringComparison.Ordinal)), Emphasis.Changed)); // the same value has come

        static string Marked(StyledLine line, Emphasis emphasis) => string.Concat(line.Cells.Where(cell => cell.Emphasis == emphasis).Select(cell => cell.Character)).Trim();
    }

    [Fact]
    public void Nothing_that_an_agent_or_a_DBC_file_says_reaches_the_terminal_as_a_control()
    {
        _model.Take(JsonNode.Parse("""{"device":"\u001b[2J","tenant":"a\u0007","broker":{"url":"\u009b31m"},"sources":[{"bus":"\u001b]0;x"}]}""")!.AsObject());
        _model.Take(JsonNode.Parse("""[{"name":"\u001b[31m","unit":"\r","value":1,"label":"\u0000"}]""")!.AsArray());
        _model.Lose("\u001b[2J");
        _model.Refuse("\u001b[2J");
        Assert.DoesNotContain(Draw(height: 24), character => char.IsControl(character) && character != '\n');
    }

    [Fact]
    public void Before_the_first_word_without_signals_and_without_the_agent_it_says_so()
    {
        Assert.StartsWith("-  nobody's  configuration -  clock -\n", Draw(height: 8), StringComparison.Ordinal);
        _model.Refuse("viewer may not do signals.read");
        _model.Lose("the agent has ended");
        string screen = Draw(height: 8);
        Assert.Contains("\nthe agent has ended\n", screen, StringComparison.Ordinal);
        Assert.Contains("\nviewer may not do signals.read\nSIGNAL ", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "SIGNAL 1-3 of 10", "0 1 2")]
    [InlineData("down", "SIGNAL 2-4 of 10", "1 2 3")]
    [InlineData("down down up", "SIGNAL 2-4 of 10", "1 2 3")]
    [InlineData("up", "SIGNAL 1-3 of 10", "0 1 2")]
    [InlineData("page", "SIGNAL 4-6 of 10", "3 4 5")]
    [InlineData("end", "SIGNAL 8-10 of 10", "7 8 9")]
    [InlineData("end down page", "SIGNAL 8-10 of 10", "7 8 9")]
    [InlineData("end home", "SIGNAL 1-3 of 10", "0 1 2")]
    [InlineData("/ S 9", "SIGNAL 1-1 of 1  /S9_", "9")]
    [InlineData("/ s 9 enter", "SIGNAL 1-1 of 1  /s9", "9")]
    [InlineData("/ s 9 q", "SIGNAL  /s9q_", "")]
    [InlineData("/ s 9 back enter", "SIGNAL 1-3 of 10  /s", "0 1 2")]
    [InlineData("/ s 9 enter escape", "SIGNAL 1-3 of 10", "0 1 2")]
    [InlineData("end / s 9 escape", "SIGNAL 1-3 of 10", "0 1 2")]
    public void Keys_scroll_and_filter(string pressed, string title, string shown)
    {
        _model.Take(new JsonArray([.. Enumerable.Range(0, 10).Select(i => (JsonNode)new JsonObject { ["name"] = $"can0/M/S{i}", ["value"] = i })]));
        string screen = Draw(height: 9);
        foreach (string key in pressed.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(_keys.Take(Key(key)));
            screen = Draw(height: 9);
        }
        string[] lines = screen.Split('\n');
        int at = Array.FindIndex(lines, line => line.StartsWith("SIGNAL", StringComparison.Ordinal));
        Assert.StartsWith(title + "  ", lines[at] + "  ", StringComparison.Ordinal);
        Assert.Equal(shown, string.Join(' ', lines[(at + 1)..^1].Where(line => line.Length > 0).Select(line => line[8])));
    }

    [Fact]
    public void Q_quits() => Assert.False(_keys.Take(Key("q")));

    private string Draw(int height)
    {
        var lines = LiveScreen.Draw(_model.Picture(), _keys, 80, height);
        Assert.All(lines, line => Assert.InRange(line.Cells.Count, 0, 80));
        Assert.Equal(height, lines.Count);
        return string.Join('\n', lines.Select(line => line.Text));
    }

    private static JsonObject Status(long frames, long samples) => JsonNode.Parse($$$"""
        {"device":"dongle-1","tenant":"acme","epoch":3,"clock":"synchronized","configuration":{"status":"applied"},"broker":{"url":"mqtts://broker.example.com:8883","connected":false},
         "outbox":{"bufferedSamples":1234,"storedBytes":34567,"oldestSeconds":7300},
         "sources":[{"bus":"can0","state":"open","frames":{{{frames}}},"samples":{{{samples}}},"errorFrames":1500,"droppedByKernel":1,"refusedSamples":2,"can":{"controller":"error-passive","load":0.234}},
                    {"bus":"a-bus-with-a-long-name","state":"retrying","errorFrames":0}]}
        """)!.AsObject();

    private static ConsoleKeyInfo Key(string name) => name switch
    {
        "up" => new('\0', ConsoleKey.UpArrow, false, false, false),
        "down" => new('\0', ConsoleKey.DownArrow, false, false, false),
        "page" => new('\0', ConsoleKey.PageDown, false, false, false),
        "home" => new('\0', ConsoleKey.Home, false, false, false),
        "end" => new('\0', ConsoleKey.End, false, false, false),
        "enter" => new('\r', ConsoleKey.Enter, false, false, false),
        "escape" => new('\e', ConsoleKey.Escape, false, false, false),
        "back" => new('\b', ConsoleKey.Backspace, false, false, false),
        _ => new(name[0], ConsoleKey.None, false, false, false),
    };
}
