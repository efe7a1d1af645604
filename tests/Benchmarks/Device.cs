using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Benchmarks;

/// <summary>The agent's own recorder and outbox on a stepped clock: what it would do in hours is done in seconds.</summary>
internal sealed class Device : IDisposable
{
    /// <summary>As the agent does.</summary>
    private static readonly TimeSpan SealStep = BatchSealer.Interval, FlushStep = TimeSpan.FromMilliseconds(250);

    private readonly SteppedClock _time = new();
    private readonly WallClock _clock;
    private readonly Recorder _recorder;
    private readonly Vehicle _vehicle;
    private readonly int[] _signals;
    private TimeSpan _elapsed;

    public Device(IDisk disk, Vehicle vehicle, string tenant, long maxStoreBytes)
    {
        _vehicle = vehicle;
        _clock = new WallClock(_time);
        Outbox = new BatchOutbox(disk, new OutboxOptions(TimeSpan.FromSeconds(5), OutboxOptions.DefaultMemoryBytes) { MaxStoreBytes = maxStoreBytes }, _time, NullLogger.Instance);
        _recorder = Recorder.Open(new RecordStamp(Assignment(tenant), new BootId(Guid.NewGuid())), Outbox, TimeSpan.FromSeconds(1), _clock, _time, NullLogger.Instance);
        _signals = _recorder.Catalog.Add(vehicle.Signals);
    }

    public BatchOutbox Outbox { get; }

    public static Assignment Assignment(string tenant) => new(DeviceId.Parse("dongle-1"), TenantId.Parse(tenant), new Epoch(1));

    /// <summary>Lives on for so long.</summary>
    /// <param name="time">How long.</param>
    /// <param name="online">True if the broker is there and acknowledges at once.</param>
    public void Live(TimeSpan time, bool online)
    {
        Outbox.SetBrokerIsThere(online);
        var until = _elapsed + time;
        while (_elapsed < until)
        {
            _time.Step(SealStep);
            _elapsed += SealStep;
            _vehicle.DriveUntil(_recorder.Ring, _signals, _clock.NowNs());
            _recorder.Step();
            while (online && Outbox.TryTake() is { } delivery) Outbox.Acknowledge(delivery);
            if (_elapsed.Ticks % FlushStep.Ticks == 0) Outbox.Flush();
        }
    }

    /// <summary>A proper stop.</summary>
    public void Stop()
    {
        _recorder.Finish();
        Outbox.Flush(all: true);
        _recorder.AccountFor();
    }

    public void Dispose() => Outbox.Dispose();
}
