using System.Text;
using EdgeAgent.Cli.Live;

namespace EdgeAgent.Tests.Cli.Live;

/// <summary>What goes over the line to a terminal, which may be slow.</summary>
public sealed class ScreenPainterTests : IDisposable
{
    private readonly MemoryStream _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void Only_what_has_changed_is_painted()
    {
        using var painter = new ScreenPainter(_terminal, colour: true);
        painter.Paint([Line("speed 812.5 rpm"), Line("state 2")], 20, 3);
        Assert.Equal("\e[?1049h\e[?25l\e[2J\e[1;1Hspeed 812.5 rpm\e[2;1Hstate 2", Painted());
        painter.Paint([Line("speed 812.5 rpm"), Line("state 2")], 20, 3);
        Assert.Equal("", Painted());
        painter.Paint([Line("speed 835.5 rpm"), Line("state 2")], 20, 3);
        Assert.Equal("\e[1;8H35", Painted());
        painter.Paint([Line("speed 8"), Line("stop")], 20, 3);
        Assert.Equal("\e[1;8H        \e[2;3Hop   ", Painted());
    }

    [Fact]
    public void Colours_are_set_and_set_back_unless_there_shall_be_none()
    {
        using (var painter = new ScreenPainter(_terminal, colour: true))
        {
            painter.Paint([new StyledLine(20).Add("a ").Add("b", Emphasis.Changed).Add(" c")], 20, 1);
            Assert.EndsWith("a \e[0;1;33mb\e[0m c", Painted(), StringComparison.Ordinal);
            painter.Paint([Line("a b c")], 20, 1); // it stands out no longer
            Assert.Equal("\e[1;3Hb", Painted());
        }
        Assert.Equal("\e[0m\e[?25h\e[?1049l", Painted());
        using var plain = new ScreenPainter(_terminal, colour: false);
        plain.Paint([new StyledLine(20).Add("b", Emphasis.Changed)], 20, 1);
        Assert.EndsWith("\e[1;1Hb", Painted(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_of_another_size_is_painted_anew_and_what_it_has_no_room_for_is_left_out()
    {
        using var painter = new ScreenPainter(_terminal, colour: false);
        painter.Paint([Line("one"), Line("two")], 20, 2);
        Painted();
        painter.Paint([Line("one"), Line("two")], 10, 1);
        Assert.Equal("\e[2J\e[1;1Hone", Painted());
    }

    [Fact]
    public void A_terminal_that_was_never_painted_on_is_left_as_it_is()
    {
        new ScreenPainter(_terminal, colour: true).Dispose();
        Assert.Equal("", Painted());
    }

    private static StyledLine Line(string text) => new StyledLine(20).Add(text);

    private string Painted()
    {
        string painted = Encoding.UTF8.GetString(_terminal.ToArray());
        _terminal.SetLength(0);
        return painted;
    }
}
