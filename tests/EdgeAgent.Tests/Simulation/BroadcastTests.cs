using EdgeAgent.Can.Dbc;
using EdgeAgent.Simulation;

namespace EdgeAgent.Tests.Simulation;

public sealed class BroadcastTests
{
    private const string Multiplexed = """
        VERSION ""
        BU_: ECU
        BO_ 100 M: 8 ECU
         SG_ Page M : 0|8@1+ (1,0) [0|0] "" Vector__XXX
         SG_ One m1 : 8|16@1- (0.1,0) [0|0] "" Vector__XXX
         SG_ Two m2 : 15|16@0+ (1,0) [0|0] "" Vector__XXX
         SG_ Both : 32|8@1+ (1,0) [10|20] "" Vector__XXX
        """;

    private static readonly VehicleState Driving = new SimulatedVehicle([new DriveLeg(DrivePhase.Motorway, TimeSpan.FromSeconds(10))]).At(TimeSpan.FromSeconds(60));

    [Fact]
    public void Each_message_is_sent_as_often_as_its_file_says_and_says_what_the_vehicle_does()
    {
        var scenario = ScenarioReader.Default;
        var database = ScenarioReader.DefaultMessages;
        var broadcast = new Broadcast(database, scenario.Signals);
        var plan = DecodePlan.Compile(database);
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        Dictionary<string, int> sent = [];
        Dictionary<string, double> last = [];
        for (int ms = 0; ms < 10_000; ms += 5)
        {
            foreach (var frame in broadcast.TakeDue(TimeSpan.FromMilliseconds(ms), Driving))
            {
                Assert.Equal(DecodeStatus.Decoded, plan.Decode(frame, values, out int count));
                Assert.True(plan.TryGetMessage(frame.Id, out var message));
                sent[message.Name] = sent.GetValueOrDefault(message.Name) + 1;
                foreach (var value in values.AsSpan(0, count)) last[$"{message.Name}/{plan.Signals[value.Slot].Signal.Name}"] = value.Value;
            }
        }
        foreach (var message in database.Messages) Assert.Equal(10_000 / message.CycleTime!.Value.TotalMilliseconds, sent[message.Name], 1.0);
        Assert.Equal(Driving.EngineSpeed, last["Engine/Speed"], 0.126);
        Assert.Equal(Driving.Speed, last["Motion/VehicleSpeed"], 0.0051);
        Assert.Equal(Driving.Gear, last["Transmission/Gear"]);
        foreach (var signal in database.Messages.SelectMany(message => message.Signals.Select(signal => (Name: $"{message.Name}/{signal.Name}", signal))))
        {
            Assert.InRange(last[signal.Name], (signal.signal.Minimum ?? double.MinValue) - 1e-6, (signal.signal.Maximum ?? double.MaxValue) + 1e-6);
        }
    }

    [Fact]
    public void While_the_vehicle_sleeps_nothing_is_sent_and_nothing_is_caught_up_on()
    {
        var broadcast = new Broadcast(ScenarioReader.DefaultMessages, ScenarioReader.Default.Signals);
        Assert.Empty(broadcast.TakeDue(TimeSpan.FromSeconds(10), Driving with { IsAwake = false }));
        Assert.True(broadcast.NextDue > TimeSpan.FromSeconds(10));
        Assert.InRange(broadcast.TakeDue(TimeSpan.FromSeconds(100), Driving).Count(), 1, broadcast.Count);
    }

    [Fact]
    public void A_multiplexer_takes_its_values_in_turn()
    {
        var database = DbcFile.Parse(Multiplexed);
        var broadcast = new Broadcast(database, new Dictionary<string, SignalSource> { ["M/One"] = new(null, -12.3), ["M/Two"] = new(null, 70_000) });
        var plan = DecodePlan.Compile(database);
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        List<string> said = [];
        for (int i = 0; i < 4; i++)
        {
            var frame = Assert.Single(broadcast.TakeDue(TimeSpan.FromMilliseconds(100 * i), Driving));
            plan.Decode(frame, values, out int count);
            var decoded = values[..count].ToDictionary(value => plan.Signals[value.Slot].Signal.Name, value => value.Value);
            Assert.InRange(decoded["Both"], 10, 20);
            said.Add(string.Join(' ', decoded.Where(each => each.Key != "Both").OrderBy(each => each.Key).Select(each => FormattableString.Invariant($"{each.Key}={each.Value}"))));
        }
        // What a signal cannot say is the nearest that it can.
        Assert.Equal(["One=-12.3 Page=1", "Page=2 Two=65535", "One=-12.3 Page=1", "Page=2 Two=65535"], said);
    }
}
