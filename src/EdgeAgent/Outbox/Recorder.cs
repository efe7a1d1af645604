using System.Globalization;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Where every record of one assignment gets its stamp and number: samples through the ring, messages one by one. Another assignment is another
/// recorder; configurations come and go with it.
/// </summary>
internal sealed class Recorder : IRecordSink
{
    /// <summary>The most messages that wait for a number while none can be reserved.</summary>
    private const int MaxUnnumbered = 256;

    private readonly Lock _gate = new();
    private readonly BatchOutbox _outbox;
    private readonly Ledger _ledger;
    private readonly BatchSealer _sealer;
    private readonly WallClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Queue<(Channel Channel, long TimeNs, byte[] Members)> _unnumbered = new();
    private long _nextMessage;
    private bool _cannotReserve;
    private bool _isClosed;
    private bool _hasRefused;

    private Recorder(RecordStamp stamp, Ledger ledger, BatchOutbox outbox, TimeSpan sealAfter, WallClock clock, TimeProvider time, ILogger logger, int ringCapacity)
    {
        Stamp = stamp;
        Ring = new SampleRing(stamp, ledger.First(RecordStream.Telemetry), ringCapacity);
        _ledger = ledger;
        _outbox = outbox;
        _clock = clock;
        _time = time;
        _logger = logger;
        Latest = new LatestValues(Catalog);
        _sealer = new BatchSealer(Ring, Catalog, Latest, ledger, outbox, sealAfter, clock, time, logger);
        _nextMessage = ledger.First(RecordStream.Messages);
    }

    /// <param name="stamp">What every record is stamped with.</param>
    /// <param name="outbox">Where sealed records go.</param>
    /// <param name="sealAfter">How old a batch may become before it is sealed.</param>
    /// <param name="clock">The device's clock.</param>
    /// <param name="time">The same, for waits.</param>
    /// <param name="logger">The journal.</param>
    /// <param name="ringCapacity">In samples; a power of two.</param>
    /// <exception cref="NumbersUnknownException">It is not known which numbers of this assignment were used; it cannot record.</exception>
    public static Recorder Open(
        RecordStamp stamp, BatchOutbox outbox, TimeSpan sealAfter, WallClock clock, TimeProvider time, ILogger logger, int ringCapacity = SampleRing.DefaultCapacity) =>
        new(stamp, outbox.OpenLedger(stamp.Assignment), outbox, sealAfter, clock, time, logger, ringCapacity);

    public RecordStamp Stamp { get; }

    public SampleRing Ring { get; }

    public SignalCatalog Catalog { get; } = new([]);

    /// <summary>The last sample of each signal, as far as samples were taken out of the ring.</summary>
    public LatestValues Latest { get; }

    /// <summary>The number of the next message.</summary>
    public long NextMessage
    {
        get
        {
            lock (_gate) return _nextMessage;
        }
    }

    /// <summary>How old a batch may become before it is sealed. Any thread.</summary>
    public TimeSpan SealAfter
    {
        get => _sealer.SealAfter;
        set => _sealer.SealAfter = value;
    }

    /// <summary>How many samples a batch holds at most, as suits the encoding in use. Any thread.</summary>
    public int MaxSamples
    {
        set => _sealer.MaxSamples = value;
    }

    /// <summary>
    /// Records a message. One of high priority is on the disk, synced, when this returns; if the disk cannot be written it is kept in memory and
    /// tried again. After <see cref="Close"/> it goes nowhere. Any thread; may wait for the disk.
    /// </summary>
    /// <param name="channel">Where it is to be published; not <see cref="Channel.Telemetry"/>.</param>
    /// <param name="members">
    /// The members of its JSON object without braces, as in <c>"a":1,"b":2</c>. Of more than <see cref="BatchBuilder.MaxBytes"/> the size alone is
    /// recorded, as <c>"oversize":BYTES</c>: who records in the background must not die of what somebody else has made him say.
    /// </param>
    public void Append(Channel channel, ReadOnlyMemory<byte> members)
    {
        if (channel.Stream != RecordStream.Messages) throw new ArgumentException("Samples go through the ring.", nameof(channel));
        if (members.Length > BatchBuilder.MaxBytes)
        {
            OutboxLog.MessageOversize(_logger, Stamp.Tenant, channel, members.Length);
            members = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"oversize\":{members.Length}"));
        }
        lock (_gate)
        {
            if (_isClosed)
            {
                if (!_hasRefused) OutboxLog.RecorderClosed(_logger, Stamp.Tenant, channel);
                _hasRefused = true;
                return;
            }
            if (_unnumbered.Count == MaxUnnumbered) OutboxLog.MessageLost(_logger, Stamp.Tenant, channel);
            else _unnumbered.Enqueue((channel, _clock.NowNs(), members.ToArray()));
            Number();
        }
    }

    /// <summary>One look at the ring.</summary>
    public void Step()
    {
        _sealer.Step();
        if (_cannotReserve)
        {
            lock (_gate) Number();
        }
    }

    /// <summary>Seals what the ring holds, until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stop) => Periodic.RunAsync(BatchSealer.Interval, _time, Step, stop);

    /// <summary>The end of capture: seals what is left. To be called when no reader runs any more and <see cref="RunAsync"/> has returned.</summary>
    /// <returns>The number of samples that could not be sealed, since memory and disk are full.</returns>
    public long Finish() => _sealer.Finish();

    /// <summary>
    /// The end of the assignment on this device: what still waits for a number gets one, or the ledger says that it is lost; what is recorded from
    /// now on goes nowhere. To be called before the tenant is purged, since a message that comes later would be stored under another key.
    /// </summary>
    public void Close()
    {
        lock (_gate)
        {
            if (!_isClosed) GiveUpUnnumbered();
            _isClosed = true;
        }
    }

    /// <summary>Everything sealed is delivered or on the disk: the next run goes on with the next numbers and has nothing to excuse.</summary>
    public void AccountFor()
    {
        try
        {
            lock (_gate)
            {
                GiveUpUnnumbered();
                _ledger.Stop(_sealer.Next, _nextMessage);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run will skip the rest of the block and say so.
            OutboxLog.CannotStore(_logger, e.Message);
        }
    }

    /// <summary>There will be no other occasion to number what waits.</summary>
    private void GiveUpUnnumbered()
    {
        Number();
        if (_unnumbered.Count == 0) return;
        OutboxLog.UnnumberedLost(_logger, Stamp.Tenant, _unnumbered.Count);
        // None of these numbers has left the device. If the ledger cannot be written until the end, the next run uses them.
        var lost = new LedgerRange(_nextMessage, _nextMessage + _unnumbered.Count - 1, LedgerOutcome.Lost, LedgerReason.DiskFull);
        _nextMessage = lost.To + 1;
        _unnumbered.Clear();
        _cannotReserve = false;
        _ledger.Use(RecordStream.Messages, _nextMessage);
        _ledger.Set(RecordStream.Messages, lost);
    }

    private void Number()
    {
        while (_unnumbered.TryPeek(out var next))
        {
            try
            {
                _ledger.Reserve(RecordStream.Messages, _nextMessage);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Without a number it could not be told from the next one.
                if (!_cannotReserve) OutboxLog.MessageWaits(_logger, next.Channel, e.Message);
                _cannotReserve = true;
                return;
            }
            _cannotReserve = false;
            _unnumbered.Dequeue();
            _outbox.Append(new Batch(Stamp, next.Channel, _nextMessage++, 1, next.TimeNs, _clock.Read(), next.Members));
        }
    }
}
