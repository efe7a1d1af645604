using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using LiteDB;

namespace EdgeAgent.Outbox;

/// <summary>
/// One file with stored batches of one tenant, oldest first: a LiteDB database on a <see cref="PageLogStream"/>. It is written, emptied and
/// then deleted whole, since LiteDB never gives space back. Not thread-safe.
/// </summary>
internal sealed class Segment : IDisposable
{
    private const string Collection = "batches";

    private readonly PageLogStream _pages;
    private readonly LiteDatabase _database;
    private readonly ILiteCollection<BsonDocument> _batches;
    private int _last;

    private Segment(SegmentName name, PageLogStream pages, LiteDatabase database)
    {
        Name = name;
        _pages = pages;
        _database = database;
        _batches = database.GetCollection(Collection, BsonAutoId.Int32);
        Remaining = _batches.Count();
        if (Remaining > 0) _last = _batches.Max().AsInt32;
    }

    public SegmentName Name { get; }

    /// <summary>How many batches it holds.</summary>
    public int Remaining { get; private set; }

    public long SizeBytes => _pages.FileSize;

    /// <summary>See <see cref="PageLogStream.DamagedBytes"/>: batches were lost with them.</summary>
    public long DamagedBytes => _pages.DamagedBytes;

    /// <exception cref="IOException">The disk does not do what it should; the file may be fine.</exception>
    /// <exception cref="LiteException">The file is no sound database.</exception>
    public static Segment Open(IDisk disk, SegmentName name)
    {
        PageLogStream? pages = null;
        LiteDatabase? database = null;
        try
        {
            pages = new PageLogStream(disk.Open(name.Path));
            // What cannot be used may still tell somebody what happened.
            if (pages.DamagedBytes > 0) disk.Copy(name.Path, name.AsidePath);
            pages.DiscardRest();
            database = new LiteDatabase(pages, mapper: null, new MemoryStream());
            return new Segment(name, pages, database);
        }
        catch
        {
            // Disposing of a broken database may fail in its turn, which says nothing new.
            Quietly(database);
            pages?.Dispose();
            throw;
        }
    }

    /// <summary>Stores batches; they are on the disk, synced, when this returns.</summary>
    /// <returns>Where the first is; the others follow it.</returns>
    public StoredId Append(IReadOnlyList<Batch> batches)
    {
        int first = _last + 1;
        _batches.Insert(batches.Select((batch, i) => ToDocument(first + i, batch)));
        Commit();
        _last += batches.Count;
        Remaining += batches.Count;
        return new StoredId(Name.Number, first);
    }

    /// <summary>The oldest batches behind <paramref name="after"/>. An altered one comes with a null batch.</summary>
    public IEnumerable<(StoredId Id, Batch? Batch)> ReadAfter(StoredId after, int most)
    {
        int number = after.Segment == Name.Number ? after.Number : 0;
        if (number >= _last) return [];
        return _batches.Find(Query.GT("_id", number), limit: most)
            .Select(document => (new StoredId(Name.Number, document["_id"].AsInt32), FromDocument(document)));
    }

    public bool Contains(StoredId id) => _batches.Exists(Query.EQ("_id", id.Number));

    public void Delete(IReadOnlyCollection<StoredId> ids)
    {
        foreach (var id in ids)
        {
            if (_batches.Delete(id.Number)) Remaining--;
        }
        Commit();
    }

    public void Dispose()
    {
        Quietly(_database);
        _pages.Dispose();
    }

    /// <summary>A checkpoint moves what LiteDB has in its log, which is in memory, to its pages; those are then made durable as one.</summary>
    private void Commit()
    {
        _database.Checkpoint();
        _pages.Commit();
    }

    private static BsonDocument ToDocument(int id, Batch batch) => new()
    {
        ["_id"] = id,
        ["device"] = batch.Stamp.Device.ToString(),
        ["tenant"] = batch.Stamp.Tenant.ToString(),
        ["epoch"] = batch.Stamp.Epoch.Value,
        ["channel"] = batch.Channel.Path,
        ["boot"] = batch.Stamp.Boot.Value,
        ["sequence"] = batch.FirstSequence,
        ["count"] = batch.Count,
        ["time"] = batch.FirstTimeNs,
        ["clockOffset"] = batch.ClockAtSeal.OffsetNs,
        ["clockSynchronized"] = batch.ClockAtSeal.Synchronized,
        ["payload"] = batch.Payload,
        ["checksum"] = unchecked((long)batch.Checksum()),
    };

    private Batch? FromDocument(BsonDocument document)
    {
        if (!DeviceId.TryParse(Text(document, "device"), out var device) || !TenantId.TryParse(Text(document, "tenant"), out var tenant)) return null;
        if (tenant != Name.Tenant || !Channel.TryParse(Text(document, "channel"), out var channel)) return null;
        if (document["epoch"] is not { IsInt64: true, AsInt64: > 0 } epoch || !document["boot"].IsGuid || !document["payload"].IsBinary) return null;
        if (!document["sequence"].IsInt64 || !document["count"].IsInt32 || !document["time"].IsInt64) return null;
        if (!document["clockOffset"].IsInt64 || !document["clockSynchronized"].IsBoolean || !document["checksum"].IsInt64) return null;

        var batch = new Batch(
            new RecordStamp(new Assignment(device, tenant, new Epoch(epoch.AsInt64)), new BootId(document["boot"].AsGuid)),
            channel,
            document["sequence"].AsInt64,
            document["count"].AsInt32,
            document["time"].AsInt64,
            new WallClockReading(document["clockOffset"].AsInt64, document["clockSynchronized"].AsBoolean),
            document["payload"].AsBinary);
        return batch.Checksum() == unchecked((ulong)document["checksum"].AsInt64) ? batch : null;
    }

    private static string? Text(BsonDocument document, string name) => document[name].IsString ? document[name].AsString : null;

    private static void Quietly(LiteDatabase? database)
    {
        try
        {
            database?.Dispose();
        }
        catch (Exception e) when (e is IOException or LiteException or ObjectDisposedException or InvalidOperationException)
        {
            // What mattered was committed; whatever is wrong shows when the file is opened again.
        }
    }
}

/// <summary>Where a batch lies. Ordered by age.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Number">Its number in there, from 1.</param>
internal readonly record struct StoredId(int Segment, int Number)
{
    public StoredId Plus(int count) => this with { Number = Number + count };
}

/// <summary>Where a segment lies: <c>tenants/{tenant}/outbox/{number}.db</c>. Numbers grow over all tenants.</summary>
internal readonly record struct SegmentName(TenantId Tenant, int Number)
{
    private const string Extension = ".db";

    public string Path => $"tenants/{Tenant}/outbox/{Number:D8}{Extension}";

    /// <summary>Where what is broken is kept.</summary>
    public string AsidePath => Path + ".broken";

    public static bool TryParse(string path, out SegmentName name)
    {
        name = default;
        if (path.Split('/') is not ["tenants", var owner, "outbox", var file] || !file.EndsWith(Extension, StringComparison.Ordinal)) return false;
        if (!TenantId.TryParse(owner, out var tenant) || !int.TryParse(file.AsSpan(0, file.Length - Extension.Length), out int number) || number < 1) return false;
        name = new SegmentName(tenant, number);
        return name.Path == path;
    }
}
