using System.Buffers;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>Collects samples until they are sealed. Used by one thread at a time; allocates when it seals, not when it adds.</summary>
internal sealed class BatchBuilder(RecordStamp stamp, SignalCatalog catalog)
{
    /// <summary>A batch is full at this many bytes of samples.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>So many samples as readable JSON stay well below what brokers accept in a message.</summary>
    public const int MaxReadableSamples = 1000;

    private readonly ArrayBufferWriter<byte> _samples = new(MaxBytes);
    private readonly List<SignalDescription> _signals = [];
    private int[] _indexes = [];
    private readonly List<int> _used = [];
    private long _firstSequence;
    private long _firstTimeNs;
    private long _lastTimeNs;

    /// <summary>A batch is full at this many samples, or at <see cref="MaxBytes"/>: what a message of the encoding in use should hold.</summary>
    public int MaxSamples { get; set; } = MaxReadableSamples;

    /// <summary>The samples that wait to be sealed.</summary>
    public int Count { get; private set; }

    public bool IsFull => Count >= MaxSamples || _samples.WrittenCount + SamplePayload.MaxSampleLength > MaxBytes;

    public void Add(in Sample sample)
    {
        if (Count == 0)
        {
            _firstSequence = sample.Sequence;
            _firstTimeNs = _lastTimeNs = sample.TimeNs;
        }
        if (sample.Signal >= _indexes.Length) MakeRoomFor(sample.Signal);
        int index = _indexes[sample.Signal];
        if (index < 0)
        {
            index = _indexes[sample.Signal] = _signals.Count;
            _signals.Add(catalog[sample.Signal]);
            _used.Add(sample.Signal);
        }
        _samples.Advance(SamplePayload.WriteSample(_samples.GetSpan(SamplePayload.MaxSampleLength), index, sample.TimeNs - _lastTimeNs, sample.Value, _signals[index].Scaling));
        _lastTimeNs = sample.TimeNs;
        Count++;
    }

    public Batch Seal(WallClockReading clock)
    {
        if (Count == 0) throw new InvalidOperationException("Nothing to seal.");
        var batch = new Batch(stamp, Channel.Telemetry, _firstSequence, Count, _firstTimeNs, clock, SamplePayload.Assemble(_signals, _samples.WrittenSpan));
        foreach (int signal in _used) _indexes[signal] = -1;
        _used.Clear();
        _signals.Clear();
        _samples.ResetWrittenCount();
        Count = 0;
        return batch;
    }

    /// <summary>The catalog has grown.</summary>
    private void MakeRoomFor(int signal)
    {
        int known = _indexes.Length;
        Array.Resize(ref _indexes, Math.Max(catalog.Count, signal + 1));
        _indexes.AsSpan(known).Fill(-1);
    }
}
