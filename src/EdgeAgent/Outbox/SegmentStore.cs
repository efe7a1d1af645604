using System.Diagnostics.CodeAnalysis;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// All batches on the disk, of all tenants, in the order in which they were stored. At most two segments are open, the one that is written
/// and the one that is read, so that memory does not grow with the backlog. A segment that turns out to be broken is set aside under another
/// name and said so; the others go on. Not thread-safe: <see cref="BatchOutbox"/> calls it under its store lock.
/// </summary>
internal sealed class SegmentStore : IDisposable
{
    /// <summary>A segment that has grown to this size gets no more batches.</summary>
    public const long MaxSegmentBytes = 8 * 1024 * 1024;

    /// <summary>Batches read ahead of the publisher in one look at the disk.</summary>
    private const int ReadAhead = 16;

    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly SortedDictionary<int, Entry> _entries = [];
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
            var entry = new Entry(name);
            _entries.Add(name.Number, entry);
            if (TryOpen(entry) is not { } segment) continue;
            if (segment.Remaining == 0) Drop(entry);
            else entry.Close();
        }
        LastSegmentOfEarlierRuns = _lastNumber;
    }

    /// <summary>Segments up to this one were written before the start; new batches go into later ones.</summary>
    public int LastSegmentOfEarlierRuns { get; }

    /// <summary>Batches on the disk that are not known to be delivered.</summary>
    public long Count => _entries.Values.Sum(entry => (long)entry.Remaining);

    /// <summary>Stores batches of one tenant; they are synced when this returns.</summary>
    /// <returns>Where the first is; the others follow it.</returns>
    /// <exception cref="IOException">They could not be stored; nothing is lost that was stored before.</exception>
    public StoredId Append(IReadOnlyList<Batch> batches)
    {
        Entry? entry = null;
        try
        {
            entry = EntryFor(batches[0]);
            var first = entry.Require(_disk).Append(batches);
            entry.Note();
            return first;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            // One that cannot even be opened, though there is something in it, must not stand in the way of a new one.
            if (entry is { IsOpen: false, Remaining: > 0 }) entry.IsUnusable = true;
            entry?.Close();
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>The oldest batch that has not been taken since the last <see cref="Rewind"/>.</summary>
    /// <param name="skip">Segments of which nothing shall be taken now.</param>
    /// <param name="id">Where it lies.</param>
    /// <param name="batch">The batch.</param>
    public bool TryTake(Func<SegmentName, bool> skip, out StoredId id, [NotNullWhen(true)] out Batch? batch)
    {
        if (_readAhead.Count == 0) Fill(skip);
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

    /// <summary>Deletes batches. A segment that is empty then goes whole, for which the disk needs no space.</summary>
    /// <returns>Those that are gone, now or before; the others could not be deleted and are to be tried again.</returns>
    public IReadOnlyList<StoredId> Delete(IReadOnlyCollection<StoredId> ids)
    {
        List<StoredId> gone = [];
        ForgetReadAhead(ids);
        foreach (var group in ids.GroupBy(id => id.Segment))
        {
            if (!_entries.TryGetValue(group.Key, out var entry))
            {
                gone.AddRange(group);
                continue;
            }
            try
            {
                var segment = entry.Require(_disk);
                StoredId[] own = [.. group.Distinct().Where(segment.Contains)];
                if (own.Length == segment.Remaining) Drop(entry);
                else if (own.Length > 0) segment.Delete(own);
                entry.Note();
                gone.AddRange(group);
            }
            catch (Exception e) when (IsTrouble(e))
            {
                OutboxLog.DeleteFailed(_logger, entry.Name.Path, e.Message);
                entry.Close();
            }
            if (group.Key != _lastNumber && group.Key != _cursor.Segment) entry.Close();
        }
        return gone;
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values) entry.Close();
        _entries.Clear();
    }

    private Entry EntryFor(Batch batch)
    {
        var newest = _entries.Values.LastOrDefault();
        if (newest is { IsUnusable: false } && newest.Name.Number > LastSegmentOfEarlierRuns && newest.Name.Tenant == batch.Stamp.Tenant && newest.SizeBytes < MaxSegmentBytes)
            return newest;
        newest?.Close();
        var entry = new Entry(new SegmentName(batch.Stamp.Tenant, ++_lastNumber));
        _entries.Add(_lastNumber, entry);
        return entry;
    }

    private void ForgetReadAhead(IReadOnlyCollection<StoredId> ids)
    {
        for (int i = _readAhead.Count; i > 0; i--)
        {
            var next = _readAhead.Dequeue();
            if (!ids.Contains(next.Id)) _readAhead.Enqueue(next);
        }
    }

    private void Fill(Func<SegmentName, bool> skip)
    {
        foreach (var passed in _entries.Values.Where(entry => entry.Name.Number < _cursor.Segment && entry.Name.Number != _lastNumber)) passed.Close();
        foreach (var entry in _entries.Values.Where(entry => entry.Name.Number >= _cursor.Segment && entry.Remaining > 0 && !skip(entry.Name)).ToArray())
        {
            var read = ReadFrom(entry);
            foreach (var (id, batch) in read)
            {
                _cursor = id;
                if (batch is not null) _readAhead.Enqueue((id, batch));
            }
            StoredId[] altered = [.. read.Where(item => item.Batch is null).Select(item => item.Id)];
            if (altered.Length > 0)
            {
                OutboxLog.AlteredBatches(_logger, altered.Length, entry.Name.Path);
                Delete(altered);
            }
            if (_readAhead.Count > 0) return;
            // It is read to its end.
            if (entry.Name.Number != _lastNumber && entry.Name.Number != _cursor.Segment) entry.Close();
        }
    }

    private (StoredId Id, Batch? Batch)[] ReadFrom(Entry entry)
    {
        // LiteDB closes itself after any trouble with the disk and answers a broken page with whatever its parser runs into.
        // Only what goes wrong once more with what is read anew from the disk is the file's own fault.
        for (int attempt = 1; TryOpen(entry) is { } segment; attempt++)
        {
            try
            {
                return [.. segment.ReadAfter(_cursor, ReadAhead)];
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                entry.Close();
                if (attempt > 1) SetAside(entry, e);
            }
        }
        return [];
    }

    /// <returns>Null if the segment was set aside or cannot be read now.</returns>
    private Segment? TryOpen(Entry entry)
    {
        if (!_entries.ContainsKey(entry.Name.Number)) return null;
        try
        {
            bool wasClosed = !entry.IsOpen;
            var segment = entry.Require(_disk);
            if (wasClosed && segment.DamagedBytes > 0) OutboxLog.SegmentDamaged(_logger, entry.Name.Path, segment.DamagedBytes, entry.Name.AsidePath);
            entry.Note();
            return segment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk itself is at fault. The file stays and is read at the next start.
            OutboxLog.SegmentUnavailable(_logger, entry.Name.Path, e.Message);
            _entries.Remove(entry.Name.Number);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            SetAside(entry, e);
        }
        return null;
    }

    private void Drop(Entry entry)
    {
        entry.Close();
        _entries.Remove(entry.Name.Number);
        _disk.Delete(entry.Name.Path);
    }

    private void SetAside(Entry entry, Exception reason)
    {
        entry.Close();
        _entries.Remove(entry.Name.Number);
        try
        {
            _disk.Rename(entry.Name.Path, entry.Name.AsidePath);
            OutboxLog.SegmentSetAside(_logger, entry.Name.Path, entry.Name.AsidePath, reason.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OutboxLog.SegmentUnavailable(_logger, entry.Name.Path, e.Message);
        }
    }

    private static bool IsTrouble(Exception e) =>
        e is IOException or UnauthorizedAccessException or LiteException or InvalidOperationException or NotSupportedException;

    /// <summary>What is known of a segment while it is closed.</summary>
    private sealed class Entry(SegmentName name)
    {
        private Segment? _segment;

        public SegmentName Name { get; } = name;

        public int Remaining { get; private set; }

        public long SizeBytes { get; private set; }

        public bool IsOpen => _segment is not null;

        /// <summary>Set when it could not be opened to be written.</summary>
        public bool IsUnusable { get; set; }

        public Segment Require(IDisk disk) => _segment ??= Segment.Open(disk, Name);

        /// <summary>Remembers how the open segment stands.</summary>
        public void Note()
        {
            if (_segment is not null) (Remaining, SizeBytes) = (_segment.Remaining, _segment.SizeBytes);
        }

        public void Close()
        {
            _segment?.Dispose();
            _segment = null;
        }
    }
}
