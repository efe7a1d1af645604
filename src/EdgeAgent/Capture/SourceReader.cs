using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Capture;

/// <summary>How a source is at the moment.</summary>
internal enum SourceState
{
    /// <summary>Not tried yet.</summary>
    Starting,

    /// <summary>Frames are being read.</summary>
    Open,

    /// <summary>It could not be opened or was lost; it is tried again and again.</summary>
    Retrying,

    /// <summary>The log that it replayed has ended.</summary>
    Ended,

    /// <summary>The agent is being stopped.</summary>
    Stopped,
}

/// <summary>
/// Owns one source: opens it, reads and decodes it where waiting harms nobody, and opens it again whenever it goes away.
/// What belongs to its pipeline goes into the ring; nothing that is wrong with the source ends the agent.
/// </summary>
internal sealed class SourceReader(
    CaptureSource source, SampleRing ring, int[] signals, CaptureWindow window, WallClock clock, TimeProvider time, IWorkers workers, ILogger logger)
{
    /// <summary>The longest wait between two attempts: an interface that comes back is in use again within this time.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RoomInterval = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);

    /// <summary>No frame waits longer in a socket's buffer.</summary>
    private const long LongestInSocketNs = 60_000_000_000;

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Null where no DBC file has J1939 messages: then a frame is all there is to a message.
    private readonly J1939Decoder? _j1939 = source.Plan.HasJ1939 ? new J1939Decoder(source.Plan, numbersOnly: true) : null;

    private string? _lastTrouble;
    private long _lastOffset;

    public CaptureSource Source { get; } = source;

    public SourceCounters Counters { get; } = new();

    public SourceState State { get; private set; }

    /// <summary>How its bus is; set by whoever watches it. Null until it was looked at.</summary>
    public BusReading? Bus { get; set; }

    /// <summary>Why it could not be opened or was lost, while it is retried.</summary>
    public string? Trouble => State == SourceState.Retrying ? _lastTrouble : null;

    /// <summary>Beats with each read and each attempt to open it.</summary>
    public Pulse Pulse { get; } = new($"capture of {source.Bus}", TimeSpan.FromSeconds(30));

    /// <summary>False for a log, which may be a pipe that says nothing for hours.</summary>
    public bool HasToMove => Source.IsLive && State is not (SourceState.Ended or SourceState.Stopped);

    /// <summary>Completes when the source is open or its first opening has failed and is being retried.</summary>
    public Task Tried => _tried.Task;

    /// <param name="closing">From here on nothing is opened any more; a live source is read until the end of its window.</param>
    /// <param name="stop">Ends it at once.</param>
    public async Task RunAsync(CancellationToken closing, CancellationToken stop)
    {
        int fruitless = 0;
        try
        {
            while (true)
            {
                closing.ThrowIfCancellationRequested();
                Pulse.Beat();
                long before = Counters.Frames;
                CanSourceException trouble;
                try
                {
                    // Opening may take long, of a pipe for instance; whoever stops does not wait for it.
                    using var opened = await workers.RunAsync(Source.Open).WaitAsync(closing);
                    // For frames that wait in the socket when the clock is set before the first is read.
                    _lastOffset = clock.OffsetNs();
                    State = SourceState.Open;
                    _lastTrouble = null;
                    Counters.AddOpening();
                    CaptureLog.SourceOpened(logger, Source.Bus, With(Source.Description, opened.Details));
                    _tried.TrySetResult();
                    if (!Source.IsLive) await window.Begun.WaitAsync(closing);

                    if (await ReadAsync(opened, Source.IsLive ? stop : closing) == ReadEnd.Ended)
                    {
                        State = SourceState.Ended;
                        string reason = With(opened.Fault?.Message ?? "the log has ended", opened.Details);
                        if (Counters.Frames > 0) CaptureLog.SourceEnded(logger, Source.Bus, reason, Counters.Frames);
                        else CaptureLog.SourceWasEmpty(logger, Source.Bus, reason);
                        return;
                    }
                    trouble = opened.Fault!;
                }
                catch (CanSourceException e)
                {
                    trouble = e;
                }
                Report(trouble);
                // An interface that is being reset answers again in a moment; one that opens and fails at once is asked less and less often.
                fruitless = Counters.Frames > before ? 0 : Math.Min(fruitless + 1, 8);
                var wait = FirstRetry * Math.Pow(2, fruitless);
                await Task.Delay(wait < LongestRetry ? wait : LongestRetry, time, closing);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested || stop.IsCancellationRequested)
        {
        }
        finally
        {
            if (State != SourceState.Ended) State = SourceState.Stopped;
            _tried.TrySetResult();
        }
    }

    private async Task<ReadEnd> ReadAsync(ICanSource opened, CancellationToken stop)
    {
        using var batch = new FrameBatch();
        var values = new SignalValue[Math.Max(1, Source.Plan.MaxSignalsPerFrame)];
        long dropped = 0;
        var end = await workers.StepAsync(() => ReadStep(opened, batch, values, ref dropped, stop));
        return end == ReadEnd.Stopped ? throw new OperationCanceledException(stop) : end;
    }

    /// <summary>The hot path: nothing here allocates.</summary>
    /// <returns>Null to go on.</returns>
    internal ReadEnd? ReadStep(ICanSource opened, FrameBatch batch, SignalValue[] values, ref long dropped, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return ReadEnd.Stopped;
        Pulse.Beat();
        // Before the read, so that an empty socket was empty at the window's end.
        bool isOver = Source.IsLive && clock.NowNs() >= window.UntilNs;
        var outcome = opened.Read(batch);
        // Across frames that are missing no message is put together.
        if (opened.Dropped != dropped) _j1939?.Transport.Forget();
        bool isBehindEnd = outcome == ReadOutcome.Frames && Decode(batch, values, stop);
        if (opened.Dropped != dropped)
        {
            _j1939?.Transport.Forget();
            Counters.AddDroppedByKernel(opened.Dropped - dropped);
            dropped = opened.Dropped;
        }
        return outcome switch
        {
            ReadOutcome.Lost => ReadEnd.Lost,
            ReadOutcome.Ended => ReadEnd.Ended,
            ReadOutcome.Frames => isBehindEnd ? ReadEnd.Stopped : null,
            _ => isOver ? ReadEnd.Stopped : null,
        };
    }

    /// <returns>True if a frame lay behind the window's end: all that belongs to it has been seen.</returns>
    internal bool Decode(FrameBatch batch, SignalValue[] values, CancellationToken stop)
    {
        var counts = default(BatchCounts);
        long offset = clock.OffsetNs();
        long now = clock.NowNs();
        bool isBehindEnd = false;
        for (int i = 0; i < batch.Count; i++)
        {
            ref readonly var frame = ref batch[i];
            long frameTime = TimeOf(batch.TimestampNs(i), offset, now);
            if (Source.IsLive && !window.Contains(frameTime))
            {
                isBehindEnd |= frameTime >= window.UntilNs;
                continue;
            }
            counts.Frames++;
            if (frame.IsError)
            {
                counts.Errors++;
                Counters.Errors.Add(frame);
                continue;
            }
            int count;
            var status = _j1939 is null ? Source.Plan.Decode(frame, values, out count)
                : _j1939.Decode(frame, TimeSpan.FromTicks(frameTime / TimeSpan.NanosecondsPerTick), values, out count, out _);
            switch (status)
            {
                case DecodeStatus.UnknownId or DecodeStatus.NoData:
                    counts.Unknown++;
                    continue;
                case DecodeStatus.Truncated:
                    counts.Truncated++;
                    break;
            }
            if (count == 0) continue;
            if (TryAccept(frameTime, values.AsSpan(0, count), stop)) counts.Samples += count;
            else counts.Refused += count;
        }
        Counters.Add(counts);
        _lastOffset = offset;
        return isBehindEnd;
    }

    /// <summary>A bus does not wait, so what finds the ring full is refused and counted; a log can wait until there is room.</summary>
    private bool TryAccept(long timeNs, ReadOnlySpan<SignalValue> values, CancellationToken stop)
    {
        while (!ring.TryAccept(timeNs, signals, values))
        {
            if (Source.IsLive || stop.WaitHandle.WaitOne(RoomInterval)) return false;
        }
        return true;
    }

    /// <summary>
    /// Time since boot of a kernel timestamp. If the wall clock was set while the frame waited in the socket, its timestamp is by the old clock
    /// and fits only the offset of before.
    /// </summary>
    private long TimeOf(long timestampNs, long offset, long now)
    {
        long time = timestampNs - offset;
        if (!Source.IsLive || IsPlausible(time, now)) return time;
        time = timestampNs - _lastOffset;
        return IsPlausible(time, now) ? time : now;
    }

    private static bool IsPlausible(long time, long now) => time <= now + 1_000_000 && time >= now - LongestInSocketNs;

    private void Report(Exception trouble)
    {
        State = SourceState.Retrying;
        _tried.TrySetResult();
        // The same trouble again and again is one entry in the journal.
        if (trouble.Message == _lastTrouble) return;
        _lastTrouble = trouble.Message;
        // A source that is called as its interface need not be named twice.
        string bus = Source.Bus.ToString();
        CaptureLog.SourceUnavailable(logger, Source.Bus, trouble.Message.StartsWith(bus, StringComparison.Ordinal) ? trouble.Message : $"{bus}: {trouble.Message}");
    }

    private static string With(string text, string details) => details.Length == 0 ? text : $"{text}; {details}";

    internal enum ReadEnd
    {
        Lost,
        Ended,
        Stopped,
    }
}
