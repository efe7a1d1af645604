using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Diagnostics;

/// <summary>What is told of buses that are not well.</summary>
public sealed class BusWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Channel, JsonObject Members)> _events = [];
    private readonly List<string> _restarted = [];
    private readonly JournalOfTest _journal = new(levels: true);
    private readonly BusWatch _watch;
    private readonly BusErrors _errors = new();
    private CanLinkInfo? _link = new()
    {
        Kind = "can",
        IsUp = true,
        State = CanControllerState.ErrorActive,
        BitTiming = new CanBitTiming(500_000, 875),
        SendErrorCounter = 0,
        ReceiveErrorCounter = 0,
        RestartAfter = TimeSpan.Zero,
    };
    private BusPolicy _policy = new(TimeSpan.FromSeconds(10));
    private bool _isOpen = true;
    private ulong _frames;
    private CanSourceException? _refusal;

    public BusWatchTests() => _watch = new BusWatch(
        (channel, members) => _events.Add((channel.Path, JsonNode.Parse($"{{{Encoding.UTF8.GetString(members.Span)}}}")!.AsObject())),
        name =>
        {
            _restarted.Add($"{name} at {(_time.GetUtcNow() - _begun).TotalSeconds:0}");
            if (_refusal is not null) throw _refusal;
        },
        _time, _journal);

    private readonly DateTimeOffset _begun = new FakeTimeProvider().GetUtcNow();

    [Fact]
    public void A_change_of_state_is_an_event_and_a_line_with_a_remedy()
    {
        Traffic(1);
        Assert.Empty(_events);
        for (int i = 0; i < 17; i++) _errors.Add(CanFrame.Error(0x20, []));
        _errors.Add(CanFrame.Error(0x204, [0, 0x20, 0, 0, 0, 0, 128, 0]));
        Become(CanControllerState.ErrorPassive, 128);
        Traffic(1);
        var (channel, members) = Assert.Single(_events);
        Assert.Equal("events/can/can0/state", channel);
        Assert.Equal(
            """{"bus":"can0","interface":"can0","state":"error-passive","previous":"error-active","changes":1,"sendErrorCounter":128,"receiveErrorCounter":0,"errors":{"controller":1,"no-acknowledge":17},"lastError":"controller: transmit error-passive; error counters 128 sending, 0 receiving","remedy":"nobody acknowledges: check that another node is awake on the bus, and the bit rate (500 kbit/s now)"}""",
            members.ToJsonString());
        Assert.Equal(
            "Warning can0: error-passive, before error-active, error frames: controller 1, no-acknowledge 17, error counters 128 sending, 0 receiving; nobody acknowledges: check that another node is awake on the bus, and the bit rate (500 kbit/s now)",
            Assert.Single(_journal.Lines));

        _time.Advance(TimeSpan.FromMinutes(1));
        Become(CanControllerState.ErrorActive, 0);
        Traffic(1);
        Assert.Equal(("error-active", "error-passive"), ((string?)_events[^1].Members["state"], (string?)_events[^1].Members["previous"]));
        Assert.StartsWith("Information can0: error-active again, before error-passive", _journal.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_cable_does_not_flood()
    {
        for (int second = 0; second < 600; second++)
        {
            _errors.Add(CanFrame.Error(0x40, []));
            Become(second % 2 == 0 ? CanControllerState.BusOff : CanControllerState.ErrorActive, 0);
            Traffic(1);
        }
        Assert.InRange(_events.Count, 19, 21);
        Assert.InRange(_journal.Lines.Count, 19, 21);
        Assert.True((long)_events[^1].Members["changes"]! > 20);
        Assert.Equal(600, _events.Sum(one => (long?)one.Members["errors"]!["bus-off"] ?? 0), 40.0);
    }

    [Fact]
    public void The_last_of_several_changes_is_told_when_the_time_has_come()
    {
        Become(CanControllerState.ErrorPassive, 128);
        Traffic(1);
        Become(CanControllerState.BusOff, 255);
        for (int i = 0; i < 29; i++) Traffic(1);
        Assert.Single(_events);
        Traffic(1);
        Assert.Equal(2, _events.Count);
        Assert.Equal("bus-off", (string?)_events[1].Members["state"]);
        Traffic(120);
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public void A_bus_off_between_two_looks_is_told()
    {
        Traffic(1);
        _errors.Add(CanFrame.Error(0x40, []));
        _errors.Add(CanFrame.Error(0x100, []));
        Traffic(1);
        var (_, members) = Assert.Single(_events);
        Assert.Equal(("error-active", 1L, 1L), ((string?)members["state"], (long)members["errors"]!["bus-off"]!, (long)members["changes"]!));
    }

    [Fact]
    public void Errors_that_change_no_state_are_one_line_in_ten_minutes()
    {
        Traffic(1);
        for (int second = 0; second < 1000; second++)
        {
            for (int i = 0; i < 100; i++) _errors.Add(CanFrame.Error(0x88, [0, 0, 4, 0x0A, 0, 0, 0, 0]));
            Traffic(1);
        }
        Assert.Empty(_events);
        Assert.Equal(2, _journal.Lines.Count);
        Assert.Equal(
            "Warning can0: error frames: protocol 100, bus-error 100; the last: protocol: stuff in the data; bus error; check the termination (120 ohm at both ends) and the wires", _journal.Lines[0]);
    }

    [Fact]
    public void Lost_arbitration_is_nothing_to_tell()
    {
        for (int second = 0; second < 100; second++)
        {
            for (int i = 0; i < 100; i++) _errors.Add(CanFrame.Error(0x02, []));
            Traffic(1);
        }
        Assert.Empty(_journal.Lines);
    }

    [Fact]
    public void A_bus_that_falls_silent_and_wakes_is_told_once_each()
    {
        Traffic(30);
        Silence(9);
        Assert.Empty(_events);
        Assert.Null(_last.Silent);
        Silence(1);
        var (channel, members) = Assert.Single(_events);
        Assert.Equal(("events/can/can0/silent", """{"bus":"can0","silentSeconds":10}"""), (channel, members.ToJsonString()));
        Assert.Equal(TimeSpan.FromSeconds(10), _last.Silent);
        Silence(50);
        Assert.Single(_events);
        Traffic(1);
        Assert.Equal(("events/can/can0/awake", """{"bus":"can0","silentSeconds":61}"""), (_events[1].Channel, _events[1].Members.ToJsonString()));
        Assert.Null(_last.Silent);
        Traffic(100);
        Assert.Equal(2, _events.Count);
        Assert.Equal(["Information can0: no frame for 10 s: silent", "Information can0: awake again after 61 s of silence"], _journal.Lines);
    }

    [Fact]
    public void A_bus_with_a_frame_now_and_then_does_not_flood()
    {
        for (int minute = 0; minute < 20; minute++)
        {
            Traffic(1);
            Silence(11);
        }
        Assert.InRange(_events.Count, 5, 9);
    }

    [Fact]
    public void A_bus_that_is_not_read_is_not_silent()
    {
        Traffic(5);
        _isOpen = false;
        Silence(100);
        Assert.Empty(_events);
        _isOpen = true;
        Silence(9);
        Assert.Empty(_events);
        _link = null;
        Silence(100);
        Assert.Empty(_events);
    }

    [Fact]
    public void A_controller_is_restarted_only_where_that_is_configured_and_less_and_less_often()
    {
        Become(CanControllerState.BusOff, 255);
        Silence(100);
        Assert.Empty(_restarted);
        _policy = _policy with { RestartAfter = TimeSpan.FromSeconds(5) };
        Silence(650);
        // 5 s after the first look with that policy, then 10, 20, 40 … and at most 300 s
        Assert.Equal(["can0 at 106", "can0 at 116", "can0 at 136", "can0 at 176", "can0 at 256", "can0 at 416", "can0 at 716"], _restarted);
    }

    [Fact]
    public void A_controller_that_has_recovered_is_restarted_soon_the_next_time()
    {
        _policy = _policy with { RestartAfter = TimeSpan.FromSeconds(5) };
        Become(CanControllerState.BusOff, 255);
        Silence(20);
        Assert.Equal(2, _restarted.Count);
        Become(CanControllerState.ErrorActive, 0);
        Traffic(90);
        Become(CanControllerState.BusOff, 255);
        Traffic(7);
        Assert.Equal(3, _restarted.Count);
    }

    [Fact]
    public void A_controller_that_returns_by_itself_is_left_alone()
    {
        _policy = _policy with { RestartAfter = TimeSpan.FromSeconds(1) };
        _link = _link! with { State = CanControllerState.BusOff, RestartAfter = TimeSpan.FromMilliseconds(100) };
        Silence(100);
        Assert.Empty(_restarted);
    }

    [Fact]
    public void A_controller_that_cannot_be_restarted_is_said_once()
    {
        _policy = _policy with { RestartAfter = TimeSpan.FromSeconds(1) };
        _refusal = new CanSourceException(CanSourceFault.NotPermitted, "can0: not permitted");
        Become(CanControllerState.BusOff, 255);
        Silence(100);
        Assert.True(_restarted.Count > 3);
        Assert.Single(_journal.Lines, line => line == "Warning its controller cannot be restarted after bus-off: can0: not permitted");
    }

    [Fact]
    public void The_load_is_that_of_the_last_seconds()
    {
        for (int i = 0; i < 11; i++) Traffic(1, frames: 2000);
        // 2000 frames a second without data: (34 · 1.08 + 13) bits each
        Assert.Equal(2000 * (34 * 1.08 + 13) / 500_000, _last.Load!.Value, 3);
        Silence(10);
        Assert.Equal(0, _last.Load!.Value, 3);
    }

    [Fact]
    public void A_bus_that_is_no_longer_captured_is_forgotten()
    {
        Become(CanControllerState.BusOff, 255);
        Traffic(1);
        Assert.Empty(_watch.Step([]));
        Traffic(1);
        Assert.Equal(2, _events.Count);
    }

    private BusReading _last = new();

    private void Become(CanControllerState state, int counter) => _link = _link! with { State = state, SendErrorCounter = counter };

    private void Traffic(int seconds, ulong frames = 10)
    {
        for (int i = 0; i < seconds; i++)
        {
            _frames += frames;
            Look();
        }
    }

    private void Silence(int seconds)
    {
        for (int i = 0; i < seconds; i++) Look();
    }

    private void Look()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var link = _link is null ? null : _link with { Statistics = new CanLinkStatistics(_frames, 0, 0, 0, 0, 0, 0, 0) };
        _last = Assert.Single(_watch.Step([new BusLook(BusName.Parse("can0"), "can0", _isOpen, _policy, link, _errors)]));
    }
}
