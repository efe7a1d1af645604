using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Benchmarks.Reader;

/// <summary>The agent's reader of a live source, step by step, with the device's real clocks and a ring.</summary>
internal sealed class AgentReader : IDisposable
{
    private readonly SourceReader _reader;
    private readonly SampleRing _ring = new(new RecordStamp(Device.Assignment("acme"), new BootId(Guid.NewGuid())), 1);
    private readonly ICanSource _socket;
    private readonly FrameBatch _batch = new();
    private readonly SignalValue[] _values;
    private long _dropped;

    public AgentReader(DecodePlan plan, ICanSource socket)
    {
        _socket = socket;
        _values = new SignalValue[plan.MaxSignalsPerFrame];
        SignalDescription[] signals = [.. plan.Signals.Select(planned => new SignalDescription($"can0/{planned.Message.Name}/{planned.Signal.Name}", planned.Signal.Unit))];
        var source = new CaptureSource(BusName.Parse("can0"), "socket", plan, signals, IsLive: true, () => socket);
        var time = BootTimeProvider.Instance;
        _reader = new SourceReader(source, _ring, [.. Enumerable.Range(0, signals.Length)], new CaptureWindow { FromNs = 0 }, new WallClock(time), time, ThreadWorkers.Instance, NullLogger.Instance);
    }

    /// <summary>Reads so many frames into the ring.</summary>
    /// <returns>How many of them came.</returns>
    public long Read(int count)
    {
        long before = _reader.Counters.Frames, refused = _reader.Counters.RefusedSamples, read;
        do
        {
            _reader.ReadStep(_socket, _batch, _values, ref _dropped, CancellationToken.None);
            read = _reader.Counters.Frames - before;
        }
        while (_batch.Count > 0 && read < count);
        if (_reader.Counters.RefusedSamples != refused) throw new BenchmarkException("the ring is full");
        return read;
    }

    /// <summary>What another thread does in the agent.</summary>
    public void EmptyRing()
    {
        while (_ring.TryTake(out _)) { }
    }

    public void Dispose() => _batch.Dispose();
}
