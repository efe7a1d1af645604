using EdgeAgent.Can;

namespace EdgeAgent.Tests.Capture;

/// <summary>A source that does what it is told, read by read.</summary>
internal sealed class FakeSource(params IEnumerable<Func<FrameBatch, ReadOutcome>> reads) : ICanSource
{
    private readonly Queue<Func<FrameBatch, ReadOutcome>> _reads = new(reads);

    public long Dropped { get; set; }

    public CanSourceException? Fault { get; private set; }

    public string Details => "fake";

    public bool IsDisposed { get; private set; }

    public static Func<FrameBatch, ReadOutcome> Frames(params CanFrame[] frames) => batch =>
    {
        foreach (var frame in frames) batch.Add(frame, 1_000_000_000);
        return ReadOutcome.Frames;
    };

    public static Func<FrameBatch, ReadOutcome> Then(ReadOutcome outcome) => _ => outcome;

    public ReadOutcome Read(FrameBatch batch)
    {
        batch.Clear();
        var outcome = _reads.TryDequeue(out var read) ? read(batch) : ReadOutcome.Ended;
        if (outcome == ReadOutcome.Lost) Fault = new CanSourceException(CanSourceFault.Down, "can0 is down");
        return outcome;
    }

    public void Dispose() => IsDisposed = true;
}
