namespace EdgeAgent.Can;

/// <summary>Where frames come from: a CAN interface or a recorded log. Used by one thread at a time.</summary>
public interface ICanSource : IDisposable
{
    /// <summary>
    /// Replaces the contents of the batch with up to <see cref="FrameBatch.Capacity"/> frames. Waits at most
    /// <see cref="CanSource.ReadTimeout"/> for the first one, then takes what is there. Allocates nothing.
    /// </summary>
    ReadOutcome Read(FrameBatch batch);

    /// <summary>Frames that were lost before they could be read, since the source was opened.</summary>
    long Dropped { get; }

    /// <summary>Why the last <see cref="Read"/> returned <see cref="ReadOutcome.Lost"/>, or <see cref="ReadOutcome.Ended"/> before the log's end; null otherwise.</summary>
    CanSourceException? Fault { get; }

    /// <summary>What people may want to know of an open source beside its name, in a few words; empty for nothing. May change until its end.</summary>
    string Details { get; }
}

/// <summary>Whether there is traffic on a bus. Used by one thread at a time.</summary>
public interface IBusTraffic : IDisposable
{
    /// <summary>True if there was a frame since the last call. Does not wait.</summary>
    /// <exception cref="CanSourceException">The interface is down or gone.</exception>
    bool WasSeen();
}

/// <summary>What a read brought.</summary>
public enum ReadOutcome
{
    /// <summary>The batch holds at least one frame.</summary>
    Frames,

    /// <summary>Nothing arrived in time; the source is well.</summary>
    Idle,

    /// <summary>The interface is down or gone: dispose of the source and open it again. <see cref="ICanSource.Fault"/> says more.</summary>
    Lost,

    /// <summary>The log has ended, or cannot be read further: opening it again would only bring its frames again.</summary>
    Ended,
}

/// <summary>Limits of all sources.</summary>
public static class CanSource
{
    /// <summary>The longest that a read waits for a frame, and so the longest that a reader takes to notice that it shall stop.</summary>
    public static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(200);
}
