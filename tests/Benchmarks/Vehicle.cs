using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;

namespace EdgeAgent.Benchmarks;

/// <summary>The frames of the demo's drive, again and again, stretched to so many samples a second.</summary>
internal sealed class Vehicle
{
    private readonly List<(double TimeNs, SignalValue[] Values)> _frames = [];
    private readonly double _durationNs;
    private int _next;
    private double _lapNs;

    /// <param name="samplesPerSecond">How many; 0 for as many as the drive has.</param>
    public Vehicle(double samplesPerSecond)
    {
        var plan = DecodePlan.Compile(DbcFile.Load(Path.Combine(Repository.Root, "demo", "vehicle.dbc")));
        Signals =
        [
            .. plan.Signals.Select(planned => new SignalDescription(
                $"can0/{planned.Message.Name}/{planned.Signal.Name}", planned.Signal.Unit, new SignalScaling(planned.Signal.Scale, planned.Signal.Offset))),
        ];
        using var log = File.OpenRead(Path.Combine(Repository.Root, "demo", "drive.log"));
        var reader = new CandumpReader(log);
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        while (reader.TryRead(out var record))
        {
            plan.Decode(record.Frame, values, out int count);
            if (count > 0) _frames.Add((record.TimestampNs, values[..count]));
        }
        double begun = _frames[0].TimeNs, recorded = _frames[^1].TimeNs - begun, samples = _frames.Sum(frame => frame.Values.Length);
        double stretch = samplesPerSecond > 0 ? samples / samplesPerSecond * 1e9 / recorded : 1;
        for (int i = 0; i < _frames.Count; i++) _frames[i] = ((_frames[i].TimeNs - begun) * stretch, _frames[i].Values);
        _durationNs = recorded * stretch;
    }

    /// <summary>How long the drive takes once.</summary>
    public TimeSpan Duration => TimeSpan.FromMicroseconds(_durationNs / 1000);

    public IReadOnlyList<SignalDescription> Signals { get; }

    /// <summary>Samples so far.</summary>
    public long Count { get; private set; }

    /// <summary>Puts into the ring what was on the bus up to this time.</summary>
    /// <param name="ring">Takes it.</param>
    /// <param name="signals">The numbers of <see cref="Signals"/> in the ring's catalog.</param>
    /// <param name="timeNs">Since the beginning of the drive.</param>
    /// <param name="begunNs">When that was, since boot.</param>
    public void DriveUntil(SampleRing ring, int[] signals, long timeNs, long begunNs = 0)
    {
        while (_lapNs + _frames[_next].TimeNs is var at && at <= timeNs)
        {
            if (!ring.TryAccept(begunNs + (long)at, signals, _frames[_next].Values)) throw new BenchmarkException("the ring is full");
            Count += _frames[_next].Values.Length;
            if (++_next < _frames.Count) continue;
            _next = 0;
            _lapNs += _durationNs;
        }
    }
}
