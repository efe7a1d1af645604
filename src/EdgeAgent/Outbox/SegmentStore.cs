using System.Security.Cryptography;
using EdgeAgent.Tenancy;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// All batches on the disk, of all tenants. Of each priority the segment that is written and the one that is read may be open, so that memory
/// does not grow with the backlog. A segment that turns out to be broken is set aside under another name and said so; the others go on. Not
/// thread-safe: <see cref="BatchOutbox"/> calls it under its store lock.
/// </summary>
internal sealed partial class SegmentStore : IDisposable
{
    /// <summary>The most that is read in one look at the disk: what a publisher sends in a moment.</summary>
    private const int MostBatchesRead = 64, MostBytesRead = 256 * 1024;

    /// <summary>So many broken segments of a tenant are kept for whoever wants to know what happened.</summary>
    private const int MaxAside = 2;

    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly TenantKeys _keys;
    private readonly BatchCipher _cipher = new();
    private readonly SortedDictionary<int, Entry> _entries = [];
    private readonly Lane[] _lanes = [new(), new(), new()];
    private readonly HashSet<TenantId> _damaged = [];
    private readonly List<Entry> _unread = [];
    private int _lastNumber;

    public SegmentStore(IDisk disk, TenantKeys keys, ILogger logger)
    {
        LiteDbFinalizers.Contain();
        _disk = disk;
        _keys = keys;
        _logger = logger;
        foreach (string path in disk.List())
        {
            if (!SegmentName.TryParse(path, out var name)) continue;
            _lastNumber = Math.Max(_lastNumber, name.Number);
            _entries.Add(name.Number, new Entry(name));
        }
        LastSegmentOfEarlierRuns = _lastNumber;
    }

    /// <summary>Segments up to this one were written before the start; new batches go into later ones.</summary>
    public int LastSegmentOfEarlierRuns { get; }

    /// <summary>Batches on the disk, delivered or not.</summary>
    public long Count => _entries.Values.Sum(entry => (long)entry.Count);

    /// <summary>The size of all segments.</summary>
    public long Bytes => _entries.Values.Sum(entry => entry.SizeBytes);

    public long CountOf(TenantId tenant) => _entries.Values.Where(entry => entry.Name.Tenant == tenant).Sum(entry => (long)entry.Count);

    public long BytesOf(TenantId tenant) => _entries.Values.Where(entry => entry.Name.Tenant == tenant).Sum(entry => entry.SizeBytes);

    /// <summary>The wall time at which the oldest batch of a tenant was captured, as its device saw it then; null if there is none.</summary>
    public long? OldestNs(TenantId tenant) => _entries.Values.Where(entry => entry.Name.Tenant == tenant && entry.Count > 0).Min(entry => (long?)entry.OldestNs);

    /// <summary>The tenant that takes most of the disk.</summary>
    public TenantId? Largest => _entries.Count == 0 ? null : _entries.Values.GroupBy(entry => entry.Name.Tenant).MaxBy(group => group.Sum(entry => entry.SizeBytes))!.Key;

    /// <summary>The tenants of which something was found broken since the last call.</summary>
    public IReadOnlyList<TenantId> TakeDamaged()
    {
        if (_damaged.Count == 0) return [];
        TenantId[] damaged = [.. _damaged];
        _damaged.Clear();
        return damaged;
    }

    /// <summary>True while there are segments that the disk could not read, though they may be fine.</summary>
    public bool HasUnread => _unread.Count > 0;

    /// <summary>True while something of this tenant is on the disk, readable now or not.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="besides">So many of its batches do not matter.</param>
    public bool Holds(TenantId tenant, int besides = 0) =>
        (besides > 0 ? CountOf(tenant) > besides : BytesOf(tenant) > 0) || _unread.Exists(entry => entry.Name.Tenant == tenant);

    public bool HasSegment(int number) => _entries.ContainsKey(number);

    /// <summary>Whose segment that is; null if it is not there.</summary>
    public TenantId? OwnerOf(int number) => _entries.GetValueOrDefault(number)?.Name.Tenant;

    /// <summary>Tries once more what the disk could not read. Of what can be read again everything comes again, see <see cref="Rewind"/>.</summary>
    public void ScanUnread(Action<StoredId, Batch> visit)
    {
        foreach (var entry in _unread.ToArray())
        {
            _unread.Remove(entry);
            _entries.Add(entry.Name.Number, entry);
            foreach (var (id, head) in ReadHeads(entry)) visit(id, head);
        }
        CloseIdle();
        Rewind();
    }

    /// <summary>Looks at everything that is stored, of one tenant or of all.</summary>
    public void Scan(TenantId? tenant, Action<StoredId, Batch> visit)
    {
        foreach (var entry in _entries.Values.Where(entry => tenant is null || entry.Name.Tenant == tenant).ToArray())
        {
            bool wasOpen = entry.IsOpen;
            var heads = ReadHeads(entry);
            if (!wasOpen) entry.Close();
            foreach (var (id, head) in heads) visit(id, head);
        }
    }

    /// <summary>Deletes segments with nothing in them, which a run leaves that was cut off while it made one.</summary>
    public void DropEmpty()
    {
        try
        {
            foreach (var entry in _entries.Values.Where(entry => entry.Count == 0).ToArray()) Drop(entry);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They do no harm, and the next start tries again.
        }
    }

    /// <summary>Stores batches of one tenant and priority; they are synced when this returns.</summary>
    /// <param name="batches">At least one.</param>
    /// <param name="segmentBytes">A segment that has grown to this size gets no more batches.</param>
    /// <returns>Where the first is; the others follow it.</returns>
    /// <exception cref="IOException">They could not be stored; nothing is lost that was stored before.</exception>
    public StoredId Append(IReadOnlyList<Batch> batches, long segmentBytes)
    {
        Entry? entry = null;
        try
        {
            var key = _keys.Require(batches[0].Stamp.Tenant);
            entry = EntryFor(batches[0], segmentBytes);
            var first = entry.Require(_disk).Append(batches, _cipher, key);
            entry.Note();
            foreach (var batch in batches) entry.NoteAge(batch);
            _lanes[(int)entry.Name.Priority].Written = entry.Name.Number;
            CloseIdle();
            return first;
        }
        catch (Exception e) when (IsTrouble(e))
        {
            // One that cannot even be opened, though there is something in it, must not stand in the way of a new one.
            if (entry is { IsOpen: false, Count: > 0 }) entry.IsUnusable = true;
            entry?.Close();
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>The next batches of a priority, oldest first, from where the last reading ended or <see cref="Rewind"/> began.</summary>
    /// <param name="priority">Of which priority.</param>
    /// <param name="skip">Segments of which nothing shall be read now.</param>
    /// <returns>Nothing at the end.</returns>
    public IReadOnlyList<(StoredId Id, Batch Batch)> Read(Priority priority, Func<SegmentName, bool> skip)
    {
        var lane = _lanes[(int)priority];
        IReadOnlyList<(StoredId Id, Batch Batch)> read = [];
        foreach (var entry in _entries.Values.Where(entry => entry.Name.Priority == priority && entry.Name.Number >= lane.Cursor.Segment && entry.Count > 0 && !skip(entry.Name)).ToArray())
        {
            read = ReadFrom(entry, lane.Cursor);
            if (read.Count == 0) continue;
            lane.Cursor = read[^1].Id;
            break;
        }
        CloseIdle();
        return read;
    }

    /// <summary>Starts over from the oldest: all that is there comes again.</summary>
    public void Rewind()
    {
        foreach (var lane in _lanes) lane.Cursor = default;
    }

    /// <summary>The segments of which nothing is needed any more, and those that are not there.</summary>
    /// <param name="settled">The batches of which that is known.</param>
    public IReadOnlyList<int> AllSettled(IReadOnlyCollection<StoredId> settled) =>
        [.. settled.GroupBy(id => id.Segment).Where(group => !_entries.TryGetValue(group.Key, out var entry) || IsAllOf(entry, group)).Select(group => group.Key)];

    /// <summary>Deletes segments whole, for which the disk needs no space.</summary>
    /// <returns>Those that are gone, now or before; the others could not be deleted and are to be tried again.</returns>
    public IReadOnlyList<int> Drop(IReadOnlyList<int> segments)
    {
        List<int> gone = [];
        foreach (int number in segments)
        {
            var entry = _entries.GetValueOrDefault(number);
            try
            {
                if (entry is not null) Drop(entry);
                gone.Add(number);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                OutboxLog.DeleteFailed(_logger, entry!.Name.Path, e.Message);
            }
        }
        return gone;
    }

    /// <summary>The segment to give up first for a batch of this priority: the lowest priority, then the oldest; null if all left matters more.</summary>
    public SegmentName? FirstToGo(TenantId tenant, Priority most)
    {
        Entry? first = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.Name.Tenant == tenant && entry.Name.Priority <= most && (first is null || entry.Name.Priority < first.Name.Priority)) first = entry;
        }
        return first?.Name;
    }

    /// <summary>What a segment holds; nothing if it turns out to be broken.</summary>
    public IReadOnlyList<(StoredId Id, Batch Head)> ReadHeads(SegmentName name) => _entries.TryGetValue(name.Number, out var entry) ? ReadHeads(entry) : [];

    /// <summary>Deletes a segment with all that is in it.</summary>
    /// <exception cref="IOException">It is still there.</exception>
    public void Drop(SegmentName name)
    {
        if (_entries.TryGetValue(name.Number, out var entry)) Drop(entry);
    }

    /// <summary>Deletes everything of a tenant, what is broken too.</summary>
    /// <exception cref="IOException">Some of it is still there.</exception>
    public void DropAll(TenantId tenant)
    {
        foreach (var entry in _entries.Values.Where(entry => entry.Name.Tenant == tenant).ToArray()) Drop(entry.Name);
        foreach (string path in _disk.List().Where(path => SegmentName.IsOf(tenant, path))) _disk.Delete(path);
        _unread.RemoveAll(entry => entry.Name.Tenant == tenant);
        _damaged.Remove(tenant);
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values) entry.Close();
        _entries.Clear();
        _cipher.Dispose();
    }

    private Entry EntryFor(Batch batch, long segmentBytes)
    {
        var (tenant, priority) = (batch.Stamp.Tenant, batch.Channel.Priority);
        var newest = _entries.Values.LastOrDefault(entry => entry.Name.Tenant == tenant && entry.Name.Priority == priority);
        // Behind the reader, who has gone on to another tenant's, nobody would find it.
        bool isAhead = newest?.Name.Number >= _lanes[(int)priority].Cursor.Segment;
        if (newest is { IsUnusable: false } && isAhead && newest.Name.Number > LastSegmentOfEarlierRuns && newest.SizeBytes < segmentBytes) return newest;
        var entry = new Entry(new SegmentName(tenant, ++_lastNumber, priority));
        _entries.Add(_lastNumber, entry);
        return entry;
    }

    private IReadOnlyList<(StoredId Id, Batch Batch)> ReadFrom(Entry entry, StoredId after) =>
        Read(entry, segment =>
        {
            var key = _keys.Find(entry.Name.Tenant) ?? throw new CryptographicException("The key is gone.");
            return Some(segment.ReadAfter(after, _cipher, key));
        });

    /// <summary>Of one that has lost something only what is still there counts.</summary>
    private bool IsAllOf(Entry entry, IEnumerable<StoredId> ids)
    {
        if (!entry.HasLost) return ids.Count() == entry.Count;
        var known = ids.ToHashSet();
        return ReadHeads(entry) is { Count: > 0 } heads && heads.All(head => known.Contains(head.Id));
    }

    private static IEnumerable<(StoredId Id, Batch Batch)> Some(IEnumerable<(StoredId Id, Batch Batch)> all)
    {
        int batches = 0, bytes = 0;
        foreach (var next in all)
        {
            yield return next;
            if (++batches == MostBatchesRead || (bytes += next.Batch.Payload.Length) >= MostBytesRead) break;
        }
    }

    private IReadOnlyList<(StoredId Id, Batch Head)> ReadHeads(Entry entry)
    {
        var heads = Read(entry, segment => segment.ReadHeads());
        foreach (var (_, head) in heads) entry.NoteAge(head);
        return heads;
    }

    private IReadOnlyList<T> Read<T>(Entry entry, Func<Segment, IEnumerable<T>> read)
    {
        // LiteDB closes itself after any trouble with the disk and answers a broken page with whatever its parser runs into.
        // Only what goes wrong once more with what is read anew from the disk is the file's own fault.
        for (int attempt = 1; TryOpen(entry) is { } segment; attempt++)
        {
            try
            {
                return [.. read(segment)];
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                entry.Close();
                if (attempt == 1) continue;
                if (e is IOException or UnauthorizedAccessException) LeaveUnread(entry, e);
                else SetAside(entry, e);
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
            bool wasClosed = !entry.IsOpen, hadLost = entry.HasLost;
            var segment = entry.Require(_disk);
            if (wasClosed && segment.DamagedBytes > 0)
            {
                OutboxLog.SegmentDamaged(_logger, entry.Name.Path, segment.DamagedBytes, entry.Name.AsidePath);
                _damaged.Add(entry.Name.Tenant);
                KeepFewAside(entry.Name.Tenant);
            }
            entry.Note();
            if (entry.HasLost && !hadLost) _damaged.Add(entry.Name.Tenant);
            return segment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LeaveUnread(entry, e);
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
        _disk.Delete(entry.Name.Path);
        _entries.Remove(entry.Name.Number);
    }

    private void SetAside(Entry entry, Exception reason)
    {
        GiveUp(entry);
        try
        {
            _disk.Rename(entry.Name.Path, entry.Name.AsidePath);
            OutboxLog.SegmentSetAside(_logger, entry.Name.Path, entry.Name.AsidePath, reason.Message);
            KeepFewAside(entry.Name.Tenant);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            OutboxLog.SegmentUnavailable(_logger, entry.Name.Path, e.Message);
        }
    }

    /// <summary>The disk itself is at fault: the segment is tried again later.</summary>
    private void LeaveUnread(Entry entry, Exception reason)
    {
        if (!entry.IsUnread) OutboxLog.SegmentUnavailable(_logger, entry.Name.Path, reason.Message);
        entry.IsUnread = true;
        entry.Close();
        _entries.Remove(entry.Name.Number);
        _unread.Add(entry);
    }

    private void GiveUp(Entry entry)
    {
        entry.Close();
        _entries.Remove(entry.Name.Number);
        _damaged.Add(entry.Name.Tenant);
    }

    private void KeepFewAside(TenantId tenant)
    {
        foreach (string path in _disk.List().Where(path => SegmentName.IsAsideOf(tenant, path)).OrderDescending(StringComparer.Ordinal).Skip(MaxAside)) _disk.Delete(path);
    }

    /// <summary>Closes what is neither being read nor written.</summary>
    private void CloseIdle()
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.IsOpen && !_lanes.Any(lane => lane.Cursor.Segment == entry.Name.Number || lane.Written == entry.Name.Number)) entry.Close();
        }
    }

    private static bool IsTrouble(Exception e) =>
        e is IOException or UnauthorizedAccessException or LiteException or InvalidOperationException or NotSupportedException;
}
