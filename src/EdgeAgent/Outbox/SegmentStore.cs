using System.Diagnostics.CodeAnalysis;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// All batches on the disk, of all tenants, in the order in which they were stored. A segment that turns out to be broken is set
/// aside under another name and said so; the others go on. Not thread-safe: <see cref="BatchOutbox"/> calls it under its store lock.
/// </summary>
internal sealed class SegmentStore : IDisposable
{
    /// <summary>A segment that has grown to this size gets no more batches.</summary>
    public const long MaxSegmentBytes = 8 * 1024 * 1024;

    /// <summary>Batches read ahead of the publisher in one look at the disk.</summary>
    private const int ReadAhead = 16;

    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly SortedDictionary<int, Segment> _segments = [];
    private readonly Queue<(StoredId Id, Batch Batch)> _readAhead = new();
    private int _lastNumber;
    private StoredId _cursor;

    public SegmentStore(IDisk disk, ILogger logger)
    {
        LiteDbFinalizers.Contain();
        _disk = disk;
        _logger = logger;
        foreach (string path in disk.List())
        {
            if (!SegmentName.TryParse(path, out var name)) continue;
            _lastNumber = Math.Max(_lastNumber, name.Number);
            Adopt(name);
        }
        LastSegmentOfEarlierRuns = _lastNumber;
    }

    /// <summary>Segments up to this one were written before the start; new batches go into later ones.</summary>
    public int LastSegmentOfEarlierRuns { get; }

    /// <summary>Batches on the disk that are not known to be delivered.</summary>
    public long Count => _segments.Values.Sum(segment => (long)segment.Remaining);

    /// <summary>Samples found altered or unreadable and therefore lost, since the start. Those of a segment set aside are not countable.</summary>
    public long AlteredBatches { get; private set; }

    /// <summary>Stores batches of one tenant; they are synced when this returns.</summary>
    /// <returns>Where the first is; the others follow it.</returns>
    /// <exception cref="IOException">They could not be stored; nothing is lost that was stored before.</exception>
    public StoredId Append(IReadOnlyList<Batch> batches)
    {
        Segment? segment = null;
        try
        {
            segment = SegmentFor(batches[0]);
            return segment.Append(batches);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            if (segment is not null) Reopen(segment);
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>The oldest batch that has not been taken since the last <see cref="Rewind"/>.</summary>
    public bool TryTake(out StoredId id, [NotNullWhen(true)] out Batch? batch)
    {
        if (_readAhead.Count == 0) Fill();
        if (!_readAhead.TryDequeue(out var next))
        {
            (id, batch) = (default, null);
            return false;
        }
        (id, batch) = next;
        return true;
    }

    /// <summary>Starts over from the oldest: what was taken and not deleted comes again.</summary>
    public void Rewind()
    {
        _readAhead.Clear();
        _cursor = default;
    }

    /// <summary>Deletes batches; those that are gone already do not matter. A segment that is empty then goes whole.</summary>
    public void Delete(IReadOnlyCollection<StoredId> ids)
    {
        ForgetReadAhead(ids);
        foreach (var group in ids.GroupBy(id => id.Segment))
        {
            if (!_segments.TryGetValue(group.Key, out var segment)) continue;
            try
            {
                StoredId[] own = [.. group.Distinct().Where(segment.Contains)];
                if (own.Length == segment.Remaining) Drop(segment);
                else if (own.Length > 0) segment.Delete(own);
            }
            catch (Exception e) when (IsTrouble(e))
            {
                // They will be published again, with the same sequence numbers.
                OutboxLog.DeleteFailed(_logger, segment.Name.Path, e.Message);
                Reopen(segment);
            }
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments.Values) segment.Dispose();
        _segments.Clear();
    }

    private Segment SegmentFor(Batch batch)
    {
        var newest = _segments.Values.LastOrDefault();
        if (newest is not null && newest.Name.Number > LastSegmentOfEarlierRuns && newest.Name.Tenant == batch.Stamp.Tenant && newest.SizeBytes < MaxSegmentBytes)
            return newest;
        var segment = Segment.Open(_disk, new SegmentName(batch.Stamp.Tenant, _lastNumber + 1));
        _lastNumber++;
        _segments.Add(_lastNumber, segment);
        return segment;
    }

    private void ForgetReadAhead(IReadOnlyCollection<StoredId> ids)
    {
        for (int i = _readAhead.Count; i > 0; i--)
        {
            var entry = _readAhead.Dequeue();
            if (!ids.Contains(entry.Id)) _readAhead.Enqueue(entry);
        }
    }

    private void Fill()
    {
        foreach (int number in _segments.Keys.Where(number => number >= _cursor.Segment).ToArray())
        {
            var read = ReadFrom(number);
            foreach (var (id, batch) in read)
            {
                _cursor = id;
                if (batch is not null) _readAhead.Enqueue((id, batch));
            }
            StoredId[] altered = [.. read.Where(entry => entry.Batch is null).Select(entry => entry.Id)];
            if (altered.Length > 0)
            {
                AlteredBatches += altered.Length;
                OutboxLog.AlteredBatches(_logger, altered.Length, _segments[number].Name.Path);
                Delete(altered);
            }
            if (_readAhead.Count > 0) return;
        }
    }

    private (StoredId Id, Batch? Batch)[] ReadFrom(int number)
    {
        for (int attempt = 1; _segments.TryGetValue(number, out var segment); attempt++)
        {
            try
            {
                return [.. segment.ReadAfter(_cursor, ReadAhead)];
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // LiteDB closes itself after any trouble with the disk and answers a broken page with whatever its parser runs into.
                // What is read anew from the disk tells which it was.
                segment.Dispose();
                _segments.Remove(number);
                if (attempt == 1) Adopt(segment.Name);
                else SetAside(segment.Name, e);
            }
        }
        return [];
    }

    private void Adopt(SegmentName name)
    {
        try
        {
            var segment = Segment.Open(_disk, name);
            _segments.Add(name.Number, segment);
            if (segment.DamagedBytes > 0) OutboxLog.SegmentDamaged(_logger, name.Path, segment.DamagedBytes);
            if (segment.Remaining == 0) Drop(segment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk itself is at fault. The file stays and is read at the next start.
            OutboxLog.SegmentUnavailable(_logger, name.Path, e.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            SetAside(name, e);
        }
    }

    private void Reopen(Segment segment)
    {
        segment.Dispose();
        _segments.Remove(segment.Name.Number);
        Rewind();
        Adopt(segment.Name);
    }

    private void Drop(Segment segment)
    {
        segment.Dispose();
        _segments.Remove(segment.Name.Number);
        _disk.Delete(segment.Name.Path);
    }

    private void SetAside(SegmentName name, Exception reason)
    {
        string aside = name.Path + ".broken";
        try
        {
            _disk.Rename(name.Path, aside);
            OutboxLog.SegmentSetAside(_logger, name.Path, aside, reason.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OutboxLog.SegmentUnavailable(_logger, name.Path, e.Message);
        }
    }

    private static bool IsTrouble(Exception e) =>
        e is IOException or UnauthorizedAccessException or LiteException or InvalidOperationException or NotSupportedException;
}
