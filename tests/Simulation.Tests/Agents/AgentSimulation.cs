using EdgeAgent.Management;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// The whole agent in a world of its own: two buses, a disk, a clock, a network with a broker, and a cloud with two tenants. One seed decides
/// what happens when; after each step and in the end the promises are checked. Everything runs on the thread that makes it.
/// </summary>
internal sealed partial class AgentSimulation : IDisposable
{
    private static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(20);

    private readonly Random _random;
    private readonly SingleThread _thread = new();
    private readonly Agenda _agenda = new();
    private readonly SimulatedBroker _broker;
    private readonly SimulatedBus _bus;
    private readonly SimulatedCloud _cloud;
    private readonly AssignmentHistory _assignments = new();
    private readonly ReceivedRecords _records;
    private readonly CommandRecords _commands;
    private readonly DeviceConfiguration _device;
    private readonly bool _isSlow;
    private Life _life;
    private Exception? _violation;
    private TimeSpan _clockError;
    private int _framesPerSecond;

    public AgentSimulation(int seed)
    {
        _random = new Random(seed);
        Disk = new SimulatedDisk(new Random(_random.Next()));
        _broker = new SimulatedBroker(new Random(_random.Next()), Trace)
        {
            Leaving = publication => Watch(() => Leave(publication)),
            Arrived = publication => Watch(() => Arrive(publication)),
            Offered = message => Watch(() => Offer(message)),
            DealtWith = message => Watch(() => NoteDealtWith(message)),
        };
        _bus = new SimulatedBus(_agenda);
        _cloud = new SimulatedCloud(DeviceId.Parse("dongle-1"), _broker, _agenda, new Random(_random.Next()), Trace);
        _commands = new CommandRecords(_cloud);
        _records = new ReceivedRecords(_bus, _cloud.Device, _agenda, _assignments) { NewMessage = TakeMessage };
        _device = new DeviceConfiguration
        {
            Device = _cloud.Device,
            PlatformKeys = _cloud.Platform.Public,
            Broker = new BrokerOptions(new Uri("mqtt://broker"), _cloud.Device.ToString()),
            StateDirectory = "/state",
            Outbox = new OutboxOptions(TimeSpan.FromSeconds(_random.Next(1, 6)), MemoryLimit) { MaxStoreBytes = _random.Next(3) == 0 ? 200_000 : 8_000_000, ReserveBytes = 0 },
            Drain = TimeSpan.FromSeconds(2),
        };
        _isSlow = _random.Next(4) == 0;
        _framesPerSecond = _random.Next(5, 60);
        _broker.Latency = TimeSpan.FromMilliseconds(_random.Next(0, 200));
        _life = NewLife();
        Start();
        if (_random.Next(8) == 0) return;
        _cloud.Assign(_cloud.Tenants[0], Handover.Deliver, null);
        _cloud.Configure(_cloud.Tenants[0], isOverlay: false, LayerKind.Good);
    }

    public Trace Trace { get; } = new();

    public SimulatedDisk Disk { get; }

    public SimulationTotals Totals { get; } = new();

    public void Dispose()
    {
        if (!_life.IsOver) Abandon();
    }

    /// <summary>The world and everything in it goes on for a while.</summary>
    private void Pass(TimeSpan time)
    {
        _agenda.Advance(time);
        _life.Age += time;
        _life.Time.Advance(time);
        _thread.Pump();
        for (int bus = 0; bus < SimulatedBus.Names.Length; bus++) _bus.Emit(bus, Poisson(_framesPerSecond * time.TotalSeconds), time, _life.Number, _life.Time.GetUtcNow());
        int looks = _isSlow ? _random.Next(0, 2) : 4;
        for (int i = 0; i < looks; i++)
        {
            _thread.Run(() => _life.Workers.Step(_random));
            _thread.Pump();
        }
        while (_agenda.TryRunNext()) _thread.Pump();
        if (_violation is { } violation) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(violation);
        if (Disk.PowerIsCut) PowerCut();
        Observe();
    }

    /// <summary>Checks in the middle of the agent's work, which must not take a broken promise for trouble of its own.</summary>
    private void Watch(Action check)
    {
        try
        {
            check();
        }
        catch (Exception e)
        {
            _violation ??= e;
        }
    }

    private int Poisson(double mean) => (int)mean + (_random.NextDouble() < mean - Math.Floor(mean) ? 1 : 0);

    private Life NewLife()
    {
        var life = new Life(Totals.Lives++, NewBoot(), _agenda.UtcNow + _clockError, _thread, Trace);
        _assignments.Begin(life.Number, life.Boot);
        var inputs = new AgentInputs(
            new AgentConfiguration(_device, null, null), [], life.Boot, life.Time, new Random(_random.Next()), life.Workers, new LogLevelSwitch(LogLevel.Debug, life.Time), new RecentLog(life.Time),
            _ => new LifeDisk(Disk, _thread, life), (name, _) => life.IsOver ? throw new IOException("over") : _bus.Open(name),
            _ => new SimulatedLink(_broker, _agenda, _thread, () => life.IsOver || Disk.PowerIsCut));
        life.Agent = new Agent(inputs, life, life);
        return life;
    }

    private BootId NewBoot()
    {
        Span<byte> id = stackalloc byte[16];
        _random.NextBytes(id);
        return new BootId(new Guid(id));
    }

    /// <summary>Starts it, again and again while the disk cannot be read.</summary>
    private void Start()
    {
        while (!TryStart())
        {
            Totals.FailedStarts++;
            Abandon();
            EndLife(powerCut: Disk.PowerIsCut);
            _life = NewLife();
            _agenda.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private bool TryStart()
    {
        int readErrors = Disk.ReadErrors;
        Trace.Add($"{_agenda.Now} start {_life.Number}");
        var life = _life;
        _thread.Run(() => life.Starting = life.Agent.StartAsync(CancellationToken.None));
        _thread.Pump();
        if (life.Starting.IsFaulted)
        {
            Trace.Add($"{_agenda.Now} cannot start: {life.Starting.Exception.InnerException!.Message}");
            Promise.That(life.Starting.Exception.InnerException is IOException && (Disk.ReadErrors < readErrors || Disk.PowerIsCut), $"the agent does not start: {life.Starting.Exception}");
            return false;
        }
        if (Outbox is { } outbox) _safe.Begin(_cloud.Tenants.SelectMany(tenant => outbox.Ledgers(tenant.Id)));
        NoteAdoptedAtStart();
        return true;
    }

    /// <summary>The service manager starts it again.</summary>
    private void Restart()
    {
        _life = NewLife();
        Start();
    }
}
