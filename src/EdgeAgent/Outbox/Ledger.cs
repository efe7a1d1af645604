using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>
/// Hands out the numbers of one assignment and knows what became of each. Numbers are reserved on the disk in blocks before any of them
/// leaves, so that none comes twice whatever happens to the device; a proper stop gives back the rest of a block, and a power cut skips it.
/// Thread-safe.
/// </summary>
internal sealed class Ledger
{
    /// <summary>One small write to the disk for so many records.</summary>
    public const int BlockSize = 1 << 16;

    /// <summary>How many blocks are skipped if the newer copy may be damaged: it is at most one reservation ahead of the other.</summary>
    private const int SkippedBlocks = 2;

    private readonly Lock _gate = new();
    private readonly Lock _fileGate = new();
    private readonly LedgerFile _file;
    private readonly Action _changed;
    private readonly LedgerState _state;
    private readonly bool _wasBehind;
    private readonly StreamLedger?[] _stored = [new(int.MaxValue), new(int.MaxValue)];
    private bool _isDirty;

    /// <param name="assignment">Whose records these are.</param>
    /// <param name="file">Its place on the disk; loaded.</param>
    /// <param name="state">What the file holds, or a fresh one.</param>
    /// <param name="numbersAreKnown">False if the file should hold something and does not.</param>
    /// <param name="changed">Called whenever something is settled or used.</param>
    public Ledger(Assignment assignment, LedgerFile file, LedgerState state, bool numbersAreKnown, Action changed)
    {
        Assignment = assignment;
        NumbersAreKnown = numbersAreKnown;
        _file = file;
        _state = state;
        _changed = changed;
        _wasBehind = _isDirty = file.MayBeBehind;
        foreach (var stream in state.Streams)
        {
            if (_wasBehind) stream.Reserved += SkippedBlocks * BlockSize;
            stream.Next = stream.Reserved;
        }
    }

    public Assignment Assignment { get; }

    /// <summary>False if nothing can be recorded, since numbers could repeat.</summary>
    public bool NumbersAreKnown { get; }

    /// <summary>True if the last run that recorded did not end with <see cref="Stop"/>.</summary>
    public bool WasCutOff => !_state.Stopped || _wasBehind || !NumbersAreKnown;

    /// <summary>Samples of this run that will not be delivered.</summary>
    public long DroppedSamples
    {
        get
        {
            lock (_gate)
            {
                var numbers = _state[RecordStream.Telemetry];
                return numbers.Settled.Ranges.Where(range => range.Outcome != LedgerOutcome.Delivered && range.To >= numbers.FirstOfThisRun)
                    .Sum(range => range.To - Math.Max(range.From, numbers.FirstOfThisRun) + 1);
            }
        }
    }

    /// <summary>The next number that was never used.</summary>
    public long First(RecordStream stream)
    {
        lock (_gate) return _state[stream].Next;
    }

    /// <summary>Makes sure that all numbers up to this one are reserved on the disk. Returns at once if they are.</summary>
    /// <exception cref="IOException">The disk cannot be written; the number must not leave.</exception>
    public void Reserve(RecordStream stream, long last)
    {
        var numbers = _state[stream];
        if (last < Volatile.Read(ref numbers.Reserved)) return;
        lock (_fileGate)
        {
            long was = numbers.Reserved;
            bool wasStopped = _state.Stopped;
            if (last < was) return;
            lock (_gate)
            {
                _state.Stopped = false;
                numbers.Reserved = last + BlockSize;
            }
            try
            {
                Write();
            }
            catch
            {
                lock (_gate) (_state.Stopped, numbers.Reserved) = (wasStopped, was);
                throw;
            }
        }
    }

    /// <summary>All numbers below this one are used.</summary>
    public void Use(RecordStream stream, long next)
    {
        lock (_gate)
        {
            _state[stream].Next = Math.Max(_state[stream].Next, next);
            _changed();
        }
    }

    /// <summary>Settles numbers, whatever was said of them before.</summary>
    public void Set(RecordStream stream, LedgerRange range)
    {
        lock (_gate)
        {
            _state[stream].Settled.Set(range);
            _isDirty = true;
            _changed();
        }
    }

    /// <summary>Settles those of these numbers that wait.</summary>
    /// <returns>How many these were.</returns>
    public long Fill(RecordStream stream, LedgerRange range)
    {
        lock (_gate)
        {
            long filled = _state[stream].Settled.Fill(range);
            if (filled == 0) return 0;
            _isDirty = true;
            _changed();
            return filled;
        }
    }

    /// <summary>Settles all numbers that wait.</summary>
    public void FillAll(LedgerOutcome outcome, LedgerReason reason)
    {
        foreach (var stream in _state.Streams) Fill(stream.Stream, new LedgerRange(1, First(stream.Stream) - 1, outcome, reason));
    }

    /// <summary>True if nothing of these numbers is worth keeping: each was delivered, given up, purged or too large to ever be delivered.</summary>
    public bool IsOver(RecordStream stream, long from, long to)
    {
        lock (_gate) return _state[stream].Settled.Are(from, to, range =>
            range.Outcome is LedgerOutcome.Delivered or LedgerOutcome.Evicted or LedgerOutcome.Purged || range.Reason is LedgerReason.Purge or LedgerReason.HandOver or LedgerReason.TooLarge);
    }

    /// <summary>Begins to take stock: then <see cref="Found"/> for all that is there, then <see cref="TakeStock"/>.</summary>
    public void BeginStock()
    {
        lock (_gate) (_stored[0], _stored[1]) = (new StreamLedger(int.MaxValue), new StreamLedger(int.MaxValue));
    }

    /// <summary>These numbers are there, whatever was feared of them.</summary>
    public void Found(RecordStream stream, long from, long to)
    {
        lock (_gate)
        {
            var numbers = _state[stream];
            _stored[(int)stream]?.Set(new LedgerRange(from, to, LedgerOutcome.Buffered));
            if (!NumbersAreKnown) numbers.Next = Math.Max(numbers.Next, to + 1);
            if (numbers.Settled.Open(from, to) is [var all] && all == (from, to)) return;
            numbers.Settled.Clear(from, to);
            _isDirty = true;
            _changed();
        }
    }

    /// <summary>Settles what should wait and was not found.</summary>
    /// <param name="atStart">True if the run before may have been cut off.</param>
    /// <returns>How many numbers that concerns.</returns>
    public long TakeStock(bool atStart)
    {
        lock (_gate)
        {
            long missing = 0;
            foreach (var stream in _state.Streams)
            {
                var stored = _stored[(int)stream.Stream] ?? throw new InvalidOperationException("Stock is taken once it was begun.");
                _stored[(int)stream.Stream] = null;
                foreach (var (from, to) in stored.Open(1, stream.Next - 1))
                {
                    foreach (var open in stream.Settled.Open(from, to))
                    {
                        // What the run before began with was there; of what it added, nobody knows how far it came.
                        missing += Missing(stream, open.From, Math.Min(open.To, stream.From - 1), atStart && (_wasBehind || !NumbersAreKnown), LedgerReason.Corrupt);
                        missing += Missing(stream, Math.Max(open.From, stream.From), open.To, atStart && WasCutOff, atStart && !_wasBehind && NumbersAreKnown ? LedgerReason.PowerCut : LedgerReason.Corrupt);
                    }
                }
                if (atStart) stream.From = stream.FirstOfThisRun = stream.Next;
            }
            return missing;
        }
    }

    /// <summary>Makes durable what has been settled since the last time, if anything.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Save()
    {
        lock (_fileGate)
        {
            bool isDirty;
            lock (_gate) isDirty = _isDirty;
            if (isDirty) Write();
        }
    }

    /// <summary>A proper stop: all numbers below these are accounted for and the next run goes on there.</summary>
    /// <exception cref="IOException">It could not be written down.</exception>
    public void Stop(long nextSample, long nextMessage)
    {
        lock (_fileGate)
        {
            lock (_gate)
            {
                if (_state.Stopped && !_isDirty && nextSample == _state[RecordStream.Telemetry].Next && nextMessage == _state[RecordStream.Messages].Next) return;
                _state.Stopped = true;
                _state[RecordStream.Telemetry].StopAt(nextSample);
                _state[RecordStream.Messages].StopAt(nextMessage);
            }
            Write();
        }
    }

    /// <summary>What is known of a stream; null if no number of it was ever used.</summary>
    public LedgerEntry? Entry(RecordStream stream)
    {
        lock (_gate)
        {
            var numbers = _state[stream];
            return numbers.Next == 1 ? null : new LedgerEntry(Assignment, stream, numbers.Next, numbers.Settled.Complete(numbers.Next));
        }
    }

    public void Delete()
    {
        lock (_fileGate) _file.Delete();
    }

    private long Missing(StreamState stream, long from, long to, bool isUncertain, LedgerReason reason)
    {
        if (from > to) return 0;
        stream.Settled.Set(new LedgerRange(from, to, isUncertain ? LedgerOutcome.Unconfirmed : LedgerOutcome.Lost, isUncertain ? reason : LedgerReason.Corrupt));
        _isDirty = true;
        _changed();
        return to - from + 1;
    }

    private void Write()
    {
        // What would be written of numbers that are not known would pass for the truth at the next start.
        if (!NumbersAreKnown) return;
        byte[] content;
        lock (_gate)
        {
            content = LedgerJson.Write(Assignment, _state);
            _isDirty = false;
        }
        try
        {
            _file.Save(content);
        }
        catch
        {
            lock (_gate) _isDirty = true;
            throw;
        }
    }
}
