using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Simulation.Tests;

/// <summary>
/// A device with its ring, sealer and outbox on a simulated disk, and a broker that takes, loses and forgets to acknowledge. One seed decides
/// when what happens; after each step and at the end the promises are checked.
/// </summary>
internal sealed class DeviceSimulation : IDisposable
{
    private static readonly SignalCatalog Catalog = new([]);

    private static readonly int[] Signals = Catalog.Add([new SignalDescription("can0/M/A", null), new SignalDescription("can0/M/B", "km/h")]);

    private readonly Random _random;
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly Dictionary<(TenantId Tenant, long Epoch, long Sequence), double> _captured = [];
    private readonly HashSet<(TenantId Tenant, long Epoch, long Sequence)> _received = [];
    private readonly HashSet<(TenantId Tenant, long Epoch, long Sequence)> _safe = [];
    private readonly List<(TenantId Tenant, long Epoch, long Sequence)> _sealedSinceSafe = [];
    private double _nextValue = 1;
    private long _epoch = 1;
    private TenantId _tenant = TenantId.Parse("acme");
    private bool _brokerIsThere;
    private bool _damaged;
    private BatchOutbox _outbox = null!;
    private SampleRing _ring = null!;
    private BatchSealer _sealer = null!;

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

    public int Captured => _captured.Count;

    public int Received => _received.Count;

    public int Safe => _safe.Count;

    public void Dispose() => _outbox.Dispose();

    public void Step()
    {
        try
        {
            switch (_random.Next(100))
            {
                case < 40: Capture(); break;
                case < 55: SealAndFlush(); break;
                case < 80: Publish(); break;
                case < 88: SetBroker(!_brokerIsThere); break;
                case < 91:
                    Disk.IsFull = !Disk.IsFull;
                    Trace.Add($"Disk full: {Disk.IsFull}");
                    break;
                case < 94: Stop(); break;
                case < 96: Crash(); break;
                case < 98: Disk.CutPowerAfter(_random.Next(1, 60)); break;
                default: Reassign(); break;
            }
        }
        catch (IOException) when (Disk.PowerIsCut)
        {
        }
        if (Disk.PowerIsCut) PowerCut();
    }

    /// <summary>Alters stored bytes: then samples may be lost, but nothing else may go wrong.</summary>
    public void Damage()
    {
        Trace.Add("Damage");
        _damaged |= Disk.Damage(path => path.Contains("/outbox/", StringComparison.Ordinal), _random.Next(1, 200));
        Crash();
    }

    /// <summary>Everything is well again: all that was promised arrives.</summary>
    public void DrainAndCheck()
    {
        Trace.Add("Drain");
        Disk.IsFull = false;
        Disk.CutPowerAfter(int.MaxValue);
        Stop();
        SetBroker(true);
        for (int i = 0; i < 20_000 && _outbox.HasWork; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (_outbox.TryTake() is { } delivery)
            {
                Receive(delivery.Batch);
                _outbox.Acknowledge(delivery);
            }
            _outbox.Flush();
        }
        Assert.False(_outbox.HasWork, "the outbox did not empty");
        if (!_damaged) Assert.Empty(_safe.Except(_received));
        Assert.Empty(_received.Except(_captured.Keys));
        Assert.DoesNotContain(Disk.List(), path => path.EndsWith(".db", StringComparison.Ordinal));
    }

    private void Start()
    {
        var assignment = new Assignment(DeviceId.Parse("dongle-1"), _tenant, new Epoch(_epoch));
        var clock = new WallClock(_time);
        _outbox = new BatchOutbox(Disk, new OutboxOptions(TimeSpan.FromSeconds(5), 200_000), _time, Trace);
        var numbers = SequenceNumbers.Open(Disk, assignment, Trace);
        _ring = new SampleRing(new RecordStamp(assignment, new BootId(Guid.Empty)), numbers.First, capacity: 4096);
        _sealer = new BatchSealer(_ring, Catalog, numbers, _outbox, TimeSpan.FromSeconds(1), clock, _time, Trace);
        _brokerIsThere = false;
        _sealedSinceSafe.Clear();
    }

    private void Capture()
    {
        Trace.Add("Capture");
        for (int i = _random.Next(1, 400); i > 0; i--)
        {
            long first = _ring.FirstSequence + _ring.Accepted;
            SignalValue[] values = [new(0, 0, _nextValue), new(1, 0, _nextValue + 1)];
            if (!_ring.TryAccept(_time.GetTimestamp(), Signals, values)) break;
            foreach (var value in values)
            {
                // The promise that no number ever comes twice, except for one that never left the device.
                var key = (_tenant, _epoch, first++);
                Assert.False(_received.Contains(key), $"sequence number {key} was used twice");
                _captured[key] = value.Value;
                _sealedSinceSafe.Add(key);
            }
            _nextValue += 2;
        }
    }

    private void SealAndFlush()
    {
        Trace.Add("SealAndFlush");
        _time.Advance(TimeSpan.FromMilliseconds(_random.Next(50, 3000)));
        long before = _outbox.Counts.SealedSamples;
        _sealer.Step();
        Assert.True(_outbox.Counts.SealedSamples >= before);
        bool all = _random.Next(4) == 0;
        bool stored = _outbox.Flush(all);
        if (stored && (all || !_brokerIsThere) && !Disk.PowerIsCut)
        {
            long sealedUpTo = _ring.FirstSequence + _outbox.Counts.SealedSamples - 1;
            Trace.Add($"  safe up to {_tenant} {_epoch} {sealedUpTo}");
            _safe.UnionWith(_sealedSinceSafe.Where(key => key.Sequence <= sealedUpTo));
            _sealedSinceSafe.RemoveAll(key => key.Sequence <= sealedUpTo);
        }
    }

    private void Publish()
    {
        if (!_brokerIsThere) return;
        List<Delivery> underWay = [];
        for (int i = _random.Next(1, 8); i > 0 && _outbox.TryTake() is { } delivery; i--) underWay.Add(delivery);
        if (_random.Next(3) == 0) SealAndFlush();
        foreach (var delivery in underWay)
        {
            int fate = _random.Next(10);
            Trace.Add($"Publish {delivery.Batch.Stamp.Tenant} {delivery.Batch.Stamp.Epoch} {delivery.Batch.FirstSequence}-{delivery.Batch.LastSequence} {delivery.StoredAs}: {(fate == 0 ? "lost" : fate == 1 ? "not acknowledged" : fate == 2 ? "refused" : "acknowledged")}");
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

    private void Receive(Batch batch)
    {
        var reader = SamplePayload.Read(batch);
        long sequence = batch.FirstSequence;
        while (reader.TryRead(out _, out _, out double value))
        {
            var key = (batch.Stamp.Tenant, batch.Stamp.Epoch.Value, sequence++);
            Assert.True(_captured.TryGetValue(key, out double captured), $"{key} was never captured");
            Assert.Equal(captured, value);
            _received.Add(key);
        }
        Assert.Equal(batch.LastSequence + 1, sequence);
    }

    private void SetBroker(bool isThere)
    {
        Trace.Add(isThere ? "Broker is there" : "Broker is away");
        _brokerIsThere = isThere;
        _outbox.SetBrokerIsThere(isThere);
    }

    private void Stop()
    {
        Trace.Add("Stop");
        long unsealed = _sealer.Finish();
        bool stored = _outbox.Flush(all: true);
        if (stored && unsealed == 0 && !Disk.PowerIsCut)
        {
            _safe.UnionWith(_sealedSinceSafe);
            _sealer.AccountFor();
        }
        _outbox.Dispose();
        if (Disk.PowerIsCut) return;
        Restarts++;
        Disk.Restart(powerCut: false);
        Start();
    }

    private void Reassign()
    {
        Trace.Add("Reassign");
        Stop();
        if (Disk.PowerIsCut) return;
        _outbox.Dispose();
        _epoch++;
        _tenant = TenantId.Parse(_random.Next(2) == 0 ? "acme" : "bravo");
        Start();
    }

    private void Crash()
    {
        Trace.Add("Crash");
        Restarts++;
        Disk.Restart(powerCut: false);
        _outbox.Dispose();
        Start();
    }

    private void PowerCut()
    {
        Trace.Add("PowerCut");
        PowerCuts++;
        Disk.Restart(powerCut: true);
        _outbox.Dispose();
        Start();
    }
}
