using System.Text;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Simulation.Tests;

/// <summary>
/// A device with its recorder and outbox on a simulated disk, and a broker that takes, loses and forgets to acknowledge. One seed decides
/// when what happens; after each step and at the end the promises are checked.
/// </summary>
internal sealed partial class DeviceSimulation : IDisposable
{
    /// <summary>Part of every record's plain text, and so never to be seen on the disk.</summary>
    public const string Marker = "the-tenants-own";

    private const long MemoryBytes = 200_000, StoreBytes = 900_000;

    private static readonly TimeSpan FlushAfter = TimeSpan.FromSeconds(5);

    private static readonly DeviceId Device = DeviceId.Parse("dongle-1");

    private static readonly TenantId[] Tenants = [TenantId.Parse("acme"), TenantId.Parse("bravo")];

    /// <summary>Small enough that a long absence of the broker fills them.</summary>
    private static readonly long[] Quotas = [400_000, 700_000];

    private static readonly Channel[] Channels = [Channel.Event("vehicle/engine/running"), Channel.Response("command-1"), Channel.Health, Channel.Raw];

    private readonly Random _random;
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly Dictionary<(TenantId Tenant, long Epoch, RecordStream Stream), StreamWitness> _witnesses = [];
    private readonly Queue<int> _unnumbered = new();

    /// <summary>What was sealed and has a number, and when: after so long, and a flush that stored what has to be, it is safe.</summary>
    private readonly Queue<(long At, long Sample, long Message)> _sealed = new();
    private int _run;
    private int _lastMessage;
    private long _nextMessage;
    private long _epoch = 1;
    private TenantId _tenant = Tenants[0];
    private TenantId? _purging;
    private bool _brokerIsThere;
    private bool _damaged;
    private BatchOutbox _outbox = null!;
    private Recorder _recorder = null!;
    private int[] _signals = [];

    public DeviceSimulation(int seed)
    {
        _random = new Random(seed);
        Disk = new SimulatedDisk(new Random(seed + 1));
        Start();
    }

    public SimulatedDisk Disk { get; }

    public Trace Trace { get; } = new();

    public int Restarts { get; private set; }

    public int PowerCuts { get; private set; }

    public int Purges { get; private set; }

    public long Captured => _witnesses.Values.Sum(stream => stream.Captured);

    public long Received => _witnesses.Values.Sum(stream => stream.Received.Count);

    public long Safe => _witnesses.Values.Sum(stream => stream.Safe.Count);

    public long Evicted => Tenants.SelectMany(_outbox.Ledgers).SelectMany(entry => entry.Ranges).Where(range => range.Outcome == LedgerOutcome.Evicted).Sum(range => range.Count);

    public void Dispose() => _outbox.Dispose();

    public void Step()
    {
        try
        {
            switch (_random.Next(100))
            {
                case < 32: Capture(); break;
                case < 40: AppendMessage(); break;
                case < 55: SealAndFlush(); break;
                case < 79: Publish(); break;
                case < 86: SetBroker(!_brokerIsThere); break;
                case < 88:
                    Disk.IsFull = !Disk.IsFull;
                    Trace.Add($"Disk full: {Disk.IsFull}");
                    break;
                case < 90:
                    Disk.IsBroken = !Disk.IsBroken;
                    Trace.Add($"Disk broken: {Disk.IsBroken}");
                    break;
                case < 93: Stop(); break;
                case < 95: Crash(); break;
                case < 97: Disk.CutPowerAfter(_random.Next(1, 60)); break;
                case < 98: Purge(Tenants[_random.Next(2)]); break;
                default: Reassign(); break;
            }
        }
        catch (IOException) when (Disk.PowerIsCut)
        {
        }
        if (Disk.PowerIsCut) Restart(powerCut: true);
        CheckBounds();
    }

    /// <summary>Alters stored bytes: then records may be lost, but nothing else may go wrong.</summary>
    public void Damage()
    {
        string what = _random.Next(4) switch { 0 => "/ledger/", 1 => "/key", _ => "/outbox/" };
        Trace.Add($"Damage of {what}");
        _damaged |= Disk.Damage(path => path.Contains(what, StringComparison.Ordinal), what == "/outbox/" ? _random.Next(1, 200) : 20);
        Crash();
    }

    private StreamWitness Witness(TenantId tenant, long epoch, RecordStream stream)
    {
        if (!_witnesses.TryGetValue((tenant, epoch, stream), out var witness)) _witnesses[(tenant, epoch, stream)] = witness = new StreamWitness(tenant, epoch, stream);
        return witness;
    }

    private void Start()
    {
        _run++;
        _outbox = new BatchOutbox(Disk, new OutboxOptions(FlushAfter, MemoryBytes) { MaxStoreBytes = StoreBytes, ReserveBytes = 100_000 }, _time, Trace);
        for (int i = 0; i < Tenants.Length; i++) _outbox.Configure(Tenants[i], new TenantOutboxOptions(Quotas[i], FlushAfter));
        if (_purging is { } interrupted) Purge(interrupted);
        while (true)
        {
            try
            {
                var stamp = new RecordStamp(new Assignment(Device, _tenant, new Epoch(_epoch)), new BootId(Guid.Empty));
                _recorder = Recorder.Open(stamp, _outbox, TimeSpan.FromSeconds(1), new WallClock(_time), _time, Trace, ringCapacity: 4096);
                break;
            }
            catch (NumbersUnknownException) when (_damaged)
            {
                _epoch++;
            }
        }
        _signals = _recorder.Catalog.Add([new SignalDescription($"can0/M/{Marker}", null), new SignalDescription("can0/M/B", "km/h")]);
        _brokerIsThere = false;
        _unnumbered.Clear();
        _sealed.Clear();
        _nextMessage = _recorder.NextMessage;
        foreach (var witness in _witnesses.Values) witness.Pending.Clear();
    }

    private void Capture()
    {
        Trace.Add("Capture");
        var witness = Witness(_tenant, _epoch, RecordStream.Telemetry);
        SignalValue[] values = [new(0, 0, 0), new(1, 0, 0)];
        for (int i = _random.Next(1, 400); i > 0; i--)
        {
            long first = _recorder.Ring.FirstSequence + _recorder.Ring.Accepted;
            for (int v = 0; v < values.Length; v++) values[v] = new SignalValue(v, 0, StreamWitness.ValueOf(_run, first + v));
            if (!_recorder.Ring.TryAccept(_time.GetTimestamp(), _signals, values)) break;
            witness.Capture(_run, first, first + 1);
        }
    }

    private void AppendMessage()
    {
        var channel = Channels[_random.Next(Channels.Length)];
        Trace.Add($"Message {++_lastMessage} for {channel}");
        _unnumbered.Enqueue(_lastMessage);
        _recorder.Append(channel, Encoding.UTF8.GetBytes(StreamWitness.TextOf(_lastMessage)));
        SeeNumbers();
        if (_unnumbered.Count == 0 && channel.Priority == Priority.High && !Disk.PowerIsCut && !Disk.IsBroken && !Disk.IsFull)
            Witness(_tenant, _epoch, RecordStream.Messages).Safe.Add(_recorder.NextMessage - 1, _recorder.NextMessage - 1);
    }

    /// <summary>Messages get their numbers in order, at once or later.</summary>
    private void SeeNumbers()
    {
        for (; _nextMessage < _recorder.NextMessage; _nextMessage++) Witness(_tenant, _epoch, RecordStream.Messages).Capture(_unnumbered.Dequeue(), _nextMessage, _nextMessage);
    }

    private void SealAndFlush()
    {
        Trace.Add("SealAndFlush");
        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(50, 3000)));
        long before = _outbox.Counts.SealedSamples;
        _recorder.Step();
        SeeNumbers();
        Assert.True(_outbox.Counts.SealedSamples >= before);
        bool all = _random.Next(4) == 0;
        bool stored = _outbox.Flush(all);
        if (!stored || Disk.PowerIsCut) return;
        _sealed.Enqueue((_time.GetTimestamp(), _recorder.Ring.FirstSequence + _outbox.Counts.SealedSamples - 1, _nextMessage - 1));
        while (_sealed.TryPeek(out var oldest) && (all || _time.GetElapsedTime(oldest.At) >= FlushAfter))
        {
            _sealed.Dequeue();
            Trace.Add($"  safe up to {_tenant} {_epoch} {oldest.Sample} {oldest.Message}");
            Witness(_tenant, _epoch, RecordStream.Telemetry).Promise(oldest.Sample);
            Witness(_tenant, _epoch, RecordStream.Messages).Promise(oldest.Message);
        }
    }

    private void Publish()
    {
        if (!_brokerIsThere) return;
        List<Delivery> underWay = [];
        for (int i = _random.Next(1, 8); i > 0 && _outbox.TryTake() is { } delivery; i--) underWay.Add(delivery);
        if (_random.Next(3) == 0) SealAndFlush();
        var outbox = _outbox;
        if (_random.Next(60) == 0) Purge(Tenants[_random.Next(2)]);
        if (outbox != _outbox) return; // the device was started anew
        foreach (var delivery in underWay)
        {
            int fate = _random.Next(10);
            Trace.Add($"Publish {delivery.Batch.Stamp.Tenant} {delivery.Batch.Stamp.Epoch} {delivery.Batch.Channel} {delivery.Batch.FirstSequence}-{delivery.Batch.LastSequence} {delivery.StoredAs}: {(fate == 0 ? "lost" : fate == 1 ? "not acknowledged" : fate == 2 ? "refused" : "acknowledged")}");
            switch (fate)
            {
                case 0: // it never reached the broker
                    _outbox.Return(delivery);
                    break;
                case 1: // the acknowledgement never reached us
                    Receive(delivery.Batch);
                    _outbox.Return(delivery);
                    break;
                case 2:
                    _outbox.Refuse(delivery);
                    break;
                default:
                    Receive(delivery.Batch);
                    _outbox.Acknowledge(delivery);
                    break;
            }
        }
    }

    private void Receive(Batch batch) => Witness(batch.Stamp.Tenant, batch.Stamp.Epoch.Value, batch.Channel.Stream).Receive(batch);

    private void SetBroker(bool isThere)
    {
        Trace.Add(isThere ? "Broker is there" : "Broker is away");
        _brokerIsThere = isThere;
        _outbox.SetBrokerIsThere(isThere);
    }

    private void Stop()
    {
        Trace.Add("Stop");
        EndRecording();
        if (!Disk.PowerIsCut) Restart(powerCut: false);
    }

    private void EndRecording()
    {
        long unsealed = _recorder.Finish();
        _recorder.Close();
        SeeNumbers();
        bool stored = _outbox.Flush(all: true);
        if (!stored || unsealed > 0 || Disk.PowerIsCut) return;
        Witness(_tenant, _epoch, RecordStream.Telemetry).Promise(long.MaxValue);
        // Messages that the disk let nobody number are given up, which only a ledger that can be written tells.
        if (!Disk.IsBroken && !Disk.IsFull) Witness(_tenant, _epoch, RecordStream.Messages).Promise(long.MaxValue);
        _recorder.AccountFor();
    }

    private void Reassign()
    {
        Trace.Add("Reassign");
        EndRecording();
        if (Disk.PowerIsCut) return;
        _epoch++;
        _tenant = Tenants[_random.Next(2)];
        Restart(powerCut: false);
    }

    /// <summary>As the management does it: nobody records for the tenant meanwhile, and what is cut off is done again at the start.</summary>
    private void Purge(TenantId tenant)
    {
        Trace.Add($"Purge {tenant}");
        if (_purging is null && tenant == _tenant) EndRecording();
        _purging = tenant;
        try
        {
            _outbox.Purge(tenant);
        }
        catch (IOException) when (!Disk.PowerIsCut)
        {
            Trace.Add("  will be purged at the next start");
            Restart(powerCut: false);
            return;
        }
        CheckPurged(tenant);
        _purging = null;
        Purges++;
        if (tenant != _tenant) return;
        _epoch++;
        if (_recorder is not null) Restart(powerCut: false);
    }

    private void Crash()
    {
        Trace.Add("Crash");
        Restart(powerCut: false);
    }

    private void Restart(bool powerCut)
    {
        if (powerCut)
        {
            Trace.Add("PowerCut");
            PowerCuts++;
        }
        Restarts++;
        _outbox.Dispose();
        do Disk.Restart(powerCut);
        while (!TryStart(ref powerCut));
    }

    /// <returns>False if the power is cut meanwhile, as it may be while an interrupted purge is repeated.</returns>
    private bool TryStart(ref bool powerCut)
    {
        try
        {
            if (_purging is not null && _random.Next(3) == 0) Disk.CutPowerAfter(_random.Next(1, 30));
            Start();
            return true;
        }
        catch (IOException) when (Disk.PowerIsCut)
        {
            powerCut = true;
            return false;
        }
    }
}
