using EdgeAgent.Can;
using EdgeAgent.Capture;
using EdgeAgent.Obd;

namespace EdgeAgent.Tests.Capture;

public sealed class ObdPollerTests : IAsyncDisposable
{
    private static readonly BusName Bus = BusName.Parse("can0");

    private readonly SteppedTime _time = new();
    private readonly JournalOfTest _journal = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CaptureWindow _window = new();
    private readonly SignalCatalog _catalog = new([]);
    private readonly SampleRing _ring = new(TestStamps.Acme, firstSequence: 1);
    private Task _running = Task.CompletedTask;
    private Opening _opening = new(1);

    [Fact]
    public async Task Each_parameter_is_asked_for_as_often_as_wanted_and_becomes_samples()
    {
        var vehicle = Driving();
        Start(vehicle, (0x0C, 1), (0x05, 10), (0x15, 5));
        await PassAsync(TimeSpan.FromSeconds(59.5));

        Assert.Equal((60, 6, 12), (Count(vehicle, "010C"), Count(vehicle, "0105"), Count(vehicle, "0115")));
        var samples = Drain();
        Assert.Equal(["can0/OBD/EngineSpeed [rpm] 1726", "can0/OBD/CoolantTemperature [°C] 83", "can0/OBD/O2Sensor2Voltage [V] 0.45", "can0/OBD/O2Sensor2ShortTermFuelTrim [%] 0"],
            samples.Take(4).Select(Describe));
        Assert.Equal(60 + 6 + 2 * 12, samples.Count);
        Assert.InRange(samples[^1].TimeNs / 1e9, 59, 60);
    }

    [Fact]
    public async Task Nothing_but_what_is_configured_is_ever_sent()
    {
        var vehicle = Driving();
        Start(vehicle, (0x0C, 0.1), (0x5C, 1));
        await PassAsync(TimeSpan.FromSeconds(100));
        Assert.Equal(["010C", "015C"], vehicle.Requests.Select(request => request.Request).Distinct().Order());
    }

    [Fact]
    public async Task A_vehicle_that_sends_nothing_by_itself_is_not_asked_and_that_is_said_once()
    {
        var vehicle = Driving();
        vehicle.IsDriven = false;
        Start(vehicle, (0x0C, 1));
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Empty(vehicle.Requests);
        Assert.Equal(["can0: silent, so its ECUs are left alone until somebody else sends"], _journal.Lines);
    }

    [Fact]
    public async Task A_bus_that_falls_silent_is_left_alone_after_two_seconds_and_asked_again_when_it_wakes()
    {
        var vehicle = Driving();
        Start(vehicle, (0x0C, 0.5));
        await PassAsync(TimeSpan.FromSeconds(10));
        vehicle.IsDriven = false;
        await PassAsync(TimeSpan.FromSeconds(60));
        Assert.InRange(vehicle.Requests[^1].At.TotalSeconds, 11.4, 12.5);
        int before = vehicle.Requests.Count;
        vehicle.IsDriven = true;
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.True(vehicle.Requests.Count >= before + 9);
        Assert.Equal(["can0: silent, so its ECUs are left alone until somebody else sends", "can0: awake, so its ECUs are asked again"], _journal.Lines);
    }

    [Fact]
    public async Task A_parameter_that_no_ecu_knows_is_tried_five_times_and_again_when_the_source_is_opened_again()
    {
        var vehicle = Driving();
        Start(vehicle, (0x5E, 0.1), (0x0C, 1));
        await PassAsync(TimeSpan.FromHours(1));
        var tries = vehicle.Requests.Where(request => request.Request == "015E").Select(request => request.At.TotalSeconds).ToArray();
        Assert.Equal([0, 1, 3, 7, 15], tries.Select(at => Math.Floor(at)));
        Assert.Single(_journal.Lines, entry => entry.StartsWith("can0: no ECU answers to PID 5E (FuelRate)", StringComparison.Ordinal));

        _opening = new Opening(null);
        await PassAsync(TimeSpan.FromSeconds(10));
        int before = vehicle.Requests.Count;
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(before, vehicle.Requests.Count);
        _opening = new Opening(2);
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(10, Count(vehicle, "015E"));
    }

    [Fact]
    public async Task Ecus_that_fall_asleep_on_a_bus_that_does_not_are_asked_now_and_then_and_found_again()
    {
        var vehicle = Driving();
        Start(vehicle, (0x0C, 1), (0x05, 1));
        await PassAsync(TimeSpan.FromSeconds(10));
        var answers = vehicle.Answers.ToArray();
        vehicle.Answers.Clear();
        int before = vehicle.Requests.Count;
        await PassAsync(TimeSpan.FromHours(1));
        Assert.InRange(vehicle.Requests.Count - before, 200, 300); // two parameters, each half a minute
        foreach (var (request, answer) in answers) vehicle.Answers.Add(request, answer);
        Drain();
        await PassAsync(TimeSpan.FromSeconds(41)); // the longest wait, and ten seconds of driving
        Assert.True(Drain().Count >= 20);
    }

    [Fact]
    public async Task An_ecu_that_answered_is_asked_alone_and_all_again_when_it_answers_no_more()
    {
        var vehicle = Driving();
        vehicle.Answers["010C"] = [(FakeVehicle.Transmission, "410C1AF8")];
        Start(vehicle, (0x0C, 1));
        await PassAsync(TimeSpan.FromSeconds(1.5));
        vehicle.Answers["010C"] = [(FakeVehicle.Engine, "410C1AF8")];
        await PassAsync(TimeSpan.FromSeconds(3));
        Assert.Equal([null, FakeVehicle.Transmission, FakeVehicle.Transmission, null, FakeVehicle.Engine], vehicle.Requests.Take(5).Select(request => request.Ecu));
    }

    [Fact]
    public async Task Where_there_is_no_time_for_all_each_has_its_turn()
    {
        var vehicle = Driving(takes: TimeSpan.FromSeconds(0.5));
        Start(vehicle, (0x0C, 0.1), (0x05, 0.1), (0x15, 0.1));
        await PassAsync(TimeSpan.FromSeconds(90));
        int[] counts = [Count(vehicle, "010C"), Count(vehicle, "0105"), Count(vehicle, "0115")];
        Assert.InRange(counts.Sum(), 175, 181);
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
    }

    [Fact]
    public async Task On_an_interface_that_only_listens_it_gives_up_until_the_source_is_opened_again()
    {
        var vehicle = Driving();
        vehicle.Trouble = new CanSourceException(CanSourceFault.ListenOnly, "can0 is set to listen only");
        Start(vehicle, (0x0C, 0.1));
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Single(vehicle.Requests);
        Assert.Equal(["can0: its ECUs cannot be asked: can0 is set to listen only"], _journal.Lines);
        vehicle.Trouble = null;
        _opening = new Opening(2);
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.InRange(vehicle.Requests.Count, 80, 110);
    }

    [Fact]
    public async Task Trouble_that_lasts_is_one_entry_and_polling_goes_on_after_it()
    {
        var vehicle = Driving();
        vehicle.Trouble = new ObdException(ObdFault.NotSent, "can0: the request could not be sent: nobody acknowledges on the bus, or it is overloaded");
        Start(vehicle, (0x0C, 1));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_journal.Lines);
        Assert.InRange(vehicle.Requests.Count, 10, 13);
        vehicle.Trouble = null;
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.True(Drain().Count >= 14);
    }

    [Fact]
    public async Task Nothing_is_asked_before_the_pipeline_begins_and_no_answer_is_kept_behind_its_end()
    {
        var vehicle = Driving();
        Start(vehicle, begin: false, (0x0C, 1));
        Assert.Empty(vehicle.Requests);
        _window.UntilNs = 5_500_000_000;
        _window.FromNs = 0;
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(6, Drain().Count);
    }

    [Fact]
    public async Task An_answer_of_another_parameter_or_without_data_is_none()
    {
        var vehicle = Driving();
        vehicle.Answers["010C"] = [(FakeVehicle.Engine, "410D32"), (FakeVehicle.Transmission, "410C1A")];
        Start(vehicle, (0x0C, 1));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(Drain());
        Assert.Equal(5, vehicle.Requests.Count);
    }

    [Fact]
    public async Task Parameters_of_one_ecu_are_asked_together_six_at_once()
    {
        var vehicle = Driving();
        foreach (byte pid in (byte[])[0x04, 0x0B, 0x0D, 0x0E, 0x0F]) vehicle.Answers[$"01{pid:X2}"] = [(FakeVehicle.Engine, $"41{pid:X2}40")];
        Start(vehicle, new ObdManners { MaxPids = 6 }, (0x0C, 1), (0x05, 1), (0x15, 1), (0x04, 1), (0x0B, 1), (0x0D, 1), (0x0E, 1), (0x0F, 1));
        await PassAsync(TimeSpan.FromSeconds(9.5));
        Assert.Equal(20, vehicle.Requests.Count);
        Assert.Equal(["010C0515040B0D", "010E0F"], vehicle.Requests.Take(2).Select(request => request.Request));
        Assert.Equal([null, null, FakeVehicle.Engine], vehicle.Requests.Take(3).Select(request => request.Ecu));
        Assert.Equal(10 * 9, Drain().Count); // one of the eight holds two numbers
    }

    [Fact]
    public async Task An_ecu_that_answers_one_parameter_alone_is_asked_for_one_alone()
    {
        var vehicle = new FakeVehicle(_time) { KnowsSeveral = false };
        foreach (byte pid in (byte[])[0x04, 0x05, 0x0B]) vehicle.Answers[$"01{pid:X2}"] = [(FakeVehicle.Engine, $"41{pid:X2}40")];
        Start(vehicle, new ObdManners { MaxPids = 6 }, (0x04, 1), (0x05, 1), (0x0B, 1));
        await PassAsync(TimeSpan.FromSeconds(9.5));
        Assert.Equal(["0104050B", "0105", "010B", "0104", "0105", "010B"], vehicle.Requests.Take(6).Select(request => request.Request));
        Assert.Equal(30, Drain().Count);
    }

    [Fact]
    public async Task Another_tester_has_the_bus_to_itself_until_it_has_been_quiet_for_long_enough()
    {
        var vehicle = Driving();
        var tester = new FakeVehicle(_time) { IsDriven = false };
        Start(vehicle, new ObdManners { YieldFor = TimeSpan.FromSeconds(20) }, tester, (0x0C, 0.5));
        await PassAsync(TimeSpan.FromSeconds(10));
        tester.IsDriven = true;
        await PassAsync(TimeSpan.FromSeconds(5));
        int before = vehicle.Requests.Count;
        tester.IsDriven = false;
        await PassAsync(TimeSpan.FromSeconds(19));
        Assert.Equal(before, vehicle.Requests.Count);
        Assert.InRange(vehicle.Requests[^1].At.TotalSeconds, 9.4, 10.3);
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.InRange(vehicle.Requests.Count - before, 16, 21);
        Assert.Equal(["can0: another tester is asking, so the ECUs are left to it until it has been quiet for 20 s"], _journal.Lines);
    }

    [Fact]
    public async Task With_the_engine_off_only_its_speed_is_asked_for_now_and_then()
    {
        var vehicle = Driving();
        vehicle.Answers["010D"] = [(FakeVehicle.Engine, "410D32")];
        Start(vehicle, new ObdManners { StopsWithEngine = true }, (0x05, 0.5));
        await PassAsync(TimeSpan.FromSeconds(10));
        vehicle.Answers["010C"] = [(FakeVehicle.Engine, "410C0000")]; // rolling with the engine off
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.InRange(vehicle.Requests[^1].At.TotalSeconds, 14.2, 15.3);
        vehicle.Answers["010D"] = [(FakeVehicle.Engine, "410D00")];
        await PassAsync(TimeSpan.FromSeconds(2));
        int before = vehicle.Requests.Count;
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(vehicle.Requests.Count - before, 2, 4);
        Assert.All(vehicle.Requests.Skip(before), request => Assert.Equal("010C", request.Request));
        vehicle.Answers["010C"] = [(FakeVehicle.Engine, "410C1AF8")];
        await PassAsync(TimeSpan.FromSeconds(15));
        Assert.True(Count(vehicle, "0105") >= 40);
        Assert.Equal(["can0: the engine is off, so the ECUs are left alone", "can0: the engine runs, so its ECUs are asked again"], _journal.Lines);
        Assert.All(Drain(), sample => Assert.Equal("can0/OBD/CoolantTemperature", _catalog[sample.Signal].Name)); // the rest is not captured
    }

    [Fact]
    public async Task An_ecu_that_takes_ten_milliseconds_is_asked_nine_tenths_as_often_as_is_possible()
    {
        var vehicle = Driving(takes: TimeSpan.FromMilliseconds(10));
        Start(vehicle, new ObdManners { RequestsPerSecond = 1000 }, (0x0C, 0.1), (0x05, 0.1), (0x15, 0.1), (0x0C, 0.1), (0x05, 0.1), (0x15, 0.1), (0x0C, 0.1), (0x05, 0.1), (0x15, 0.1), (0x0C, 0.1), (0x05, 0.1));
        await PassAsync(TimeSpan.FromSeconds(3));
        Assert.InRange(vehicle.Requests.Count, 270, 301);
    }

    [Fact]
    public async Task The_vehicles_number_is_read_once_a_trip()
    {
        var vehicle = Driving();
        vehicle.Answers["0902"] = [(FakeVehicle.Engine, "490201" + Convert.ToHexString("WEA22Z0SXMV000001"u8))];
        var vin = new VinQuery();
        Start(vehicle, new ObdManners(), vin, (0x0C, 1));
        await PassAsync(TimeSpan.FromMinutes(6));
        Assert.Equal((1, "WEA22Z0SXMV000001"), (Count(vehicle, "0902"), vin.Vin));
        vehicle.IsDriven = false;
        await PassAsync(TimeSpan.FromSeconds(10));
        vehicle.Answers["0902"] = [(FakeVehicle.Engine, "490201" + Convert.ToHexString("WEA22Z0SXMV000002"u8))];
        vehicle.IsDriven = true;
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((2, "WEA22Z0SXMV000002"), (Count(vehicle, "0902"), vin.Vin));
        Assert.All(Drain(), sample => Assert.Equal("can0/OBD/EngineSpeed", _catalog[sample.Signal].Name));
    }

    [Fact]
    public async Task No_more_is_asked_than_is_allowed_and_that_it_is_too_little_is_said_once()
    {
        var vehicle = Driving();
        Start(vehicle, new ObdManners { RequestsPerSecond = 5 }, (0x0C, 0.1), (0x05, 0.1));
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(vehicle.Requests.Count, 148, 152);
        Assert.Equal(["can0: 5 answers a second of 20 that are wanted; the ECUs or obd.requestsPerSecond allow no more"], _journal.Lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private FakeVehicle Driving(TimeSpan takes = default) => new(_time)
    {
        Takes = takes,
        Answers =
        {
            ["010C"] = [(FakeVehicle.Engine, "410C1AF8")],
            ["0105"] = [(FakeVehicle.Engine, "41057B")],
            ["0115"] = [(FakeVehicle.Engine, "41155A80")],
        },
    };

    private void Start(FakeVehicle vehicle, params (byte Pid, double Seconds)[] polls) => Start(vehicle, begin: true, polls);

    private void Start(FakeVehicle vehicle, bool begin, params (byte Pid, double Seconds)[] polls) => Start(vehicle, new ObdManners(), tester: null, vin: null, begin, polls);

    private void Start(FakeVehicle vehicle, ObdManners manners, params (byte Pid, double Seconds)[] polls) => Start(vehicle, manners, tester: null, vin: null, begin: true, polls);

    private void Start(FakeVehicle vehicle, ObdManners manners, VinQuery vin, params (byte Pid, double Seconds)[] polls) => Start(vehicle, manners, tester: null, vin, begin: true, polls);

    private void Start(FakeVehicle vehicle, ObdManners manners, FakeVehicle tester, params (byte Pid, double Seconds)[] polls) => Start(vehicle, manners, tester, vin: null, begin: true, polls);

    private void Start(FakeVehicle vehicle, ObdManners manners, FakeVehicle? tester, VinQuery? vin, bool begin, (byte Pid, double Seconds)[] polls)
    {
        var plan = new ObdPollPlan([.. polls.Select(poll => new ParameterQuery(ObdPids.Find(poll.Pid)!, TimeSpan.FromSeconds(poll.Seconds)))], vehicle, () => vehicle)
        {
            Manners = manners,
            Vin = vin,
            OpenTesters = tester is null ? null : () => tester,
        };
        var poller = new ObdPoller(Bus, plan, _catalog.Add(plan.SignalsOf(Bus)), () => _opening.Value, _ring, _window, new WallClock(_time), _time, _journal);
        if (begin) _window.FromNs = 0;
        _running = poller.RunAsync(_stop.Token);
    }

    /// <summary>Goes from wait to wait until the time has passed.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        var until = _time.GetUtcNow() + time;
        while (_time.GetUtcNow() < until) await _time.StepAsync();
        await _time.SettledAsync();
    }

    private List<Sample> Drain()
    {
        List<Sample> samples = [];
        while (_ring.TryTake(out var sample)) samples.Add(sample);
        return samples;
    }

    private string Describe(Sample sample) => FormattableString.Invariant($"{_catalog[sample.Signal].Name} [{_catalog[sample.Signal].Unit}] {Math.Round(sample.Value, 6)}");

    private static int Count(FakeVehicle vehicle, string request) => vehicle.Requests.Count(sent => sent.Request == request);

    /// <summary>The number of the opening, or null while the source is closed.</summary>
    private sealed record Opening(long? Value);
}
