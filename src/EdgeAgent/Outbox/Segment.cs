using System.Security.Cryptography;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;
using LiteDB;

namespace EdgeAgent.Outbox;

/// <summary>
/// One file with stored batches of one tenant and priority, oldest first: a LiteDB database on a <see cref="PageLogStream"/>. It is only ever
/// added to, and deleted whole when nothing in it is needed any more: which that is, the ledger knows. Not thread-safe.
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
        Count = _batches.Count();
        if (Count > 0) _last = _batches.Max().AsInt32;
    }

    public SegmentName Name { get; }

    /// <summary>How many batches it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The number of the batch that was stored last.</summary>
    public int Last => _last;

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
            // What cannot be used may still tell somebody what happened, if there is room for it.
            if (pages.DamagedBytes > 0) CopyQuietly(disk, name);
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
    public StoredId Append(IReadOnlyList<Batch> batches, BatchCipher cipher, AesGcm key)
    {
        int first = _last + 1;
        _batches.Insert(batches.Select((batch, i) => ToDocument(first + i, batch, cipher.Seal(batch, key))));
        Commit();
        _last += batches.Count;
        Count += batches.Count;
        return new StoredId(Name.Number, first);
    }

    /// <summary>The oldest batches behind <paramref name="after"/>, one by one.</summary>
    /// <exception cref="CryptographicException">One was altered, or encrypted with another key.</exception>
    /// <exception cref="InvalidDataException">One is none.</exception>
    public IEnumerable<(StoredId Id, Batch Batch)> ReadAfter(StoredId after, BatchCipher cipher, AesGcm key)
    {
        int number = after.Segment == Name.Number ? after.Number : 0;
        if (number >= _last) return [];
        return _batches.Find(Query.GT("_id", number))
            .Select(document => (IdOf(document), cipher.Open(HeadOf(document), document["payload"].AsBinary, key)));
    }

    /// <summary>What it holds, without payloads.</summary>
    /// <exception cref="InvalidDataException">One is no batch.</exception>
    public IEnumerable<(StoredId Id, Batch Head)> ReadHeads() => _batches.FindAll().Select(document => (IdOf(document), HeadOf(document)));

    /// <summary>Numbers up to this one were used, whether what they stand for is still there or the disk has lost it.</summary>
    public void GoOnBehind(int last) => _last = Math.Max(_last, last);

    public bool Contains(StoredId id) => _batches.Exists(Query.EQ("_id", id.Number));

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

    private StoredId IdOf(BsonDocument document) => new(Name.Number, document["_id"].AsInt32);

    private static BsonDocument ToDocument(int id, Batch batch, byte[] payload) => new()
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
        ["payload"] = payload,
    };

    private Batch HeadOf(BsonDocument document)
    {
        if (!DeviceId.TryParse(Text(document, "device"), out var device) || !TenantId.TryParse(Text(document, "tenant"), out var tenant)) throw NoBatch();
        if (tenant != Name.Tenant || !Channel.TryParse(Text(document, "channel"), out var channel)) throw NoBatch();
        if (document["epoch"] is not { IsInt64: true, AsInt64: > 0 } epoch || !document["boot"].IsGuid || !document["payload"].IsBinary) throw NoBatch();
        if (document["sequence"] is not { IsInt64: true, AsInt64: > 0 } sequence || document["count"] is not { IsInt32: true, AsInt32: > 0 } count) throw NoBatch();
        if (!document["time"].IsInt64 || !document["clockOffset"].IsInt64 || !document["clockSynchronized"].IsBoolean) throw NoBatch();

        return new Batch(
            new RecordStamp(new Assignment(device, tenant, new Epoch(epoch.AsInt64)), new BootId(document["boot"].AsGuid)),
            channel,
            sequence.AsInt64,
            count.AsInt32,
            document["time"].AsInt64,
            new WallClockReading(document["clockOffset"].AsInt64, document["clockSynchronized"].AsBoolean),
            []);
    }

    private static InvalidDataException NoBatch() => new("What is stored is no batch.");

    private static string? Text(BsonDocument document, string name) => document[name].IsString ? document[name].AsString : null;

    private static void CopyQuietly(IDisk disk, SegmentName name)
    {
        try
        {
            disk.Copy(name.Path, name.AsidePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The batches that can be used matter more.
        }
    }

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
