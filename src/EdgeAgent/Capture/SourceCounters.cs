namespace EdgeAgent.Capture;

/// <summary>What became of the frames of one source. Written by its reader alone, read by anybody.</summary>
internal sealed class SourceCounters
{
    private long _frames, _unknownFrames, _errorFrames, _truncatedFrames, _samples, _refusedSamples, _droppedByKernel, _openings;

    /// <summary>Frames read.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Frames read that no DBC file knows or from which nothing is selected.</summary>
    public long UnknownFrames => Volatile.Read(ref _unknownFrames);

    /// <summary>Error frames read.</summary>
    public long ErrorFrames => Volatile.Read(ref _errorFrames);

    /// <summary>The same by what they say.</summary>
    public BusErrors Errors { get; } = new();

    /// <summary>Frames shorter than their message.</summary>
    public long TruncatedFrames => Volatile.Read(ref _truncatedFrames);

    /// <summary>Samples accepted into the ring.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Samples that found the ring full.</summary>
    public long RefusedSamples => Volatile.Read(ref _refusedSamples);

    /// <summary>Frames that the kernel dropped because the socket's buffer was full.</summary>
    public long DroppedByKernel => Volatile.Read(ref _droppedByKernel);

    /// <summary>How often the source was opened.</summary>
    public long Openings => Volatile.Read(ref _openings);

    public void AddOpening() => Volatile.Write(ref _openings, _openings + 1);

    public void AddDroppedByKernel(long more) => Volatile.Write(ref _droppedByKernel, _droppedByKernel + more);

    public void Add(in BatchCounts counts)
    {
        Volatile.Write(ref _frames, _frames + counts.Frames);
        Volatile.Write(ref _unknownFrames, _unknownFrames + counts.Unknown);
        Volatile.Write(ref _errorFrames, _errorFrames + counts.Errors);
        Volatile.Write(ref _truncatedFrames, _truncatedFrames + counts.Truncated);
        Volatile.Write(ref _samples, _samples + counts.Samples);
        Volatile.Write(ref _refusedSamples, _refusedSamples + counts.Refused);
    }
}

/// <summary>The counts of one batch of frames.</summary>
internal struct BatchCounts
{
    public int Frames, Unknown, Errors, Truncated, Samples, Refused;
}
