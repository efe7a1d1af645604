using System.Text;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Tests.Capture;
using EdgeAgent.Tests.Diagnostics.Local;
using EdgeAgent.Tests.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Management;

/// <summary>The last values as somebody sees them who looks on.</summary>
public sealed class SignalViewTests : IDisposable
{
    private const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Engine: 8 ECU
         SG_ Load : 0|16@1+ (0.1,0) [0|0] "%" Vector__XXX
         SG_ State : 16|8@1+ (1,0) [0|0] "" Vector__XXX
         SG_ Ratio : 32|32@1- (1,0) [0|0] "" Vector__XXX
        VAL_ 256 State 0 "Off" 3 "Running" ;
        SIG_VALTYPE_ 256 Ratio : 1;
        """;

    private readonly OutboxRig _rig = new(new OutboxOptions(TimeSpan.FromSeconds(5), 1 << 20));
    private readonly WallClock _clock;
    private readonly Recorder _recorder;
    private Pipeline? _pipeline;
    private long _sequence;

    public SignalViewTests()
    {
        _clock = new WallClock(_rig.Time);
        _recorder = Recorder.Open(TestStamps.Acme, _rig.Outbox, TimeSpan.FromSeconds(1), _clock, _rig.Time, NullLogger.Instance, ringCapacity: 64);
        _pipeline = Open("can0", "can1");
    }

    public void Dispose()
    {
        _pipeline?.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public void A_signal_is_shown_with_its_unit_its_decimal_value_its_label_and_its_time()
    {
        Set("can0/Engine/Load", 388 * 0.1);
        Set("can0/Engine/State", 3);
        Set("can1/Engine/State", 2); // without a label
        Set("can1/Engine/Ratio", double.NaN);
        Assert.Equal(
            """
            [{"name":"can0/Engine/Load","unit":"%","value":38.8,"time":"2000-01-01T00:00:00Z"},{"name":"can0/Engine/State","value":3,"label":"Running","time":"2000-01-01T00:00:00Z"},{"name":"can1/Engine/State","value":2,"time":"2000-01-01T00:00:00Z"},{"name":"can1/Engine/Ratio","value":null,"time":"2000-01-01T00:00:00Z"}]
            """.Trim(), Look(View()));
        Assert.All(System.Text.Json.Nodes.JsonNode.Parse(Look(View()))!.AsArray(), signal => Assert.True(OpenApiTests.IsValid("Signal", signal!.ToJsonString())));
    }

    [Fact]
    public void Then_only_what_has_come_since()
    {
        var view = View();
        Set("can0/Engine/Load", 1);
        Set("can0/Engine/State", 0);
        Assert.Contains("Load", Look(view), StringComparison.Ordinal);
        Set("can0/Engine/State", 0);
        Assert.DoesNotContain("Load", Look(view), StringComparison.Ordinal);
        Assert.Equal("[]", Look(view));
    }

    [Theory]
    [InlineData(null, null, "can0/Engine/Load can0/Engine/State can1/Engine/Load can1/Engine/State")]
    [InlineData("can1", null, "can1/Engine/Load can1/Engine/State")]
    [InlineData("can", null, "")]
    [InlineData(null, "can0/Eng", "can0/Engine/Load can0/Engine/State")]
    [InlineData(null, "*/load", "can0/Engine/Load can1/Engine/Load")]
    [InlineData(null, "can?/*State", "can0/Engine/State can1/Engine/State")]
    [InlineData("can0", "*state", "can0/Engine/State")]
    [InlineData(null, "Engine", "")]
    public void Bus_and_name_select(string? bus, string? name, string expected)
    {
        foreach (string source in new[] { "can0", "can1" })
        {
            Set($"{source}/Engine/Load", 1);
            Set($"{source}/Engine/State", 1);
        }
        string shown = Look(View(new SignalFilter(bus, name)));
        Assert.Equal(expected, string.Join(' ', System.Text.Json.Nodes.JsonNode.Parse(shown)!.AsArray().Select(signal => signal!["name"])));
    }

    [Fact]
    public void What_an_earlier_configuration_captured_is_not_shown()
    {
        Set("can0/Engine/Load", 1);
        Set("can1/Engine/Load", 1);
        _pipeline!.Dispose();
        _pipeline = Open("can1");
        Assert.DoesNotContain("can0", Look(View()), StringComparison.Ordinal);
        _pipeline.Dispose();
        _pipeline = null;
        Assert.Equal("[]", Look(View()));
    }

    [Fact]
    public void Many_signals_come_in_parts()
    {
        Set("can0/Engine/Load", 1);
        Set("can0/Engine/State", 1);
        Set("can1/Engine/Load", 1);
        var view = View();
        view.Look();
        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(_ => Write(view, 2).Count));
    }

    [Fact]
    public void What_is_taken_out_of_the_ring_is_looked_at()
    {
        int[] signals = _recorder.Catalog.Add(_pipeline!.Readers[0].Source.Signals);
        Assert.True(_recorder.Ring.TryAccept(0, signals, [new SignalValue(0, 10, 1), new SignalValue(1, 3, 3)]));
        Assert.Equal("[]", Look(View()));
        _recorder.Step();
        Assert.Contains("Running", Look(View()), StringComparison.Ordinal);
    }

    private Pipeline Open(params string[] buses)
    {
        var plan = DecodePlan.Compile(DbcFile.Parse(Dbc));
        var sources = buses.Select(bus => new CaptureSource(BusName.Parse(bus), bus, plan,
            [.. plan.Signals.Select(one => new SignalDescription($"{bus}/Engine/{one.Signal.Name}", one.Signal.Unit, one.Signal.IsFloat ? null : new SignalScaling(one.Signal.Scale, one.Signal.Offset)))],
            IsLive: true, () => new FakeSource()));
        return new Pipeline(_recorder.Ring, _recorder.Catalog, [.. sources], _clock, _rig.Time, ThreadWorkers.Instance, NullLogger.Instance);
    }

    private void Set(string name, double value)
    {
        int signal = Enumerable.Range(0, _recorder.Catalog.Count).First(index => _recorder.Catalog[index].Name == name);
        _recorder.Latest.Set(new Sample(++_sequence, 0, signal, value));
    }

    private SignalView View(SignalFilter? filter = null) => new(_recorder, () => _pipeline, _clock, filter ?? new SignalFilter(null, null));

    private static string Look(SignalView view)
    {
        view.Look();
        return Write(view, int.MaxValue).Text;
    }

    private static (string Text, int Count) Write(SignalView view, int most)
    {
        using var output = new MemoryStream();
        int count;
        using (var json = new System.Text.Json.Utf8JsonWriter(output)) count = view.Write(json, most);
        return (Encoding.UTF8.GetString(output.ToArray()), count);
    }
}
