namespace EdgeAgent.Capture;

/// <summary>
/// Which frames of live sources belong to a pipeline: those received from one moment on until another. Two pipelines that run beside each
/// other with the end of one as the beginning of the other divide the stream there, without a gap and without an overlap, whoever reads first.
/// Times are nanoseconds since boot. Thread-safe.
/// </summary>
internal sealed class CaptureWindow
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _from = long.MaxValue;
    private long _until = long.MaxValue;

    /// <summary>Frames from this moment on. Never, until it is set.</summary>
    public long FromNs
    {
        get => Volatile.Read(ref _from);
        set
        {
            Volatile.Write(ref _from, value);
            _begun.TrySetResult();
        }
    }

    /// <summary>Frames before this moment. For ever, until it is set.</summary>
    public long UntilNs
    {
        get => Volatile.Read(ref _until);
        set => Volatile.Write(ref _until, value);
    }

    /// <summary>Completes when <see cref="FromNs"/> is set, which is what a log waits for.</summary>
    public Task Begun => _begun.Task;

    public bool Contains(long timeNs) => timeNs >= FromNs && timeNs < UntilNs;
}
