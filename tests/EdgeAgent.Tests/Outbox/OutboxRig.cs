using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>An outbox in a directory of its own that can be opened again, on a clock that stands still.</summary>
internal sealed class OutboxRig : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly OutboxOptions _options;
    private readonly Func<IDisk, IDisk>? _over;
    private DirectoryDisk _root;
    private long _sequence = 1;

    /// <param name="options">Its limits, unless it is opened again with others.</param>
    /// <param name="over">Puts a disk with faults over the directory.</param>
    public OutboxRig(OutboxOptions options, Func<IDisk, IDisk>? over = null)
    {
        (_options, _over) = (options, over);
        (_root, Outbox) = Open(options);
    }

    public TestDirectory Directory { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public BatchOutbox Outbox { get; private set; }

    /// <summary>Another run.</summary>
    /// <param name="options">Other limits than before.</param>
    /// <param name="meanwhile">What happens to the files between the two.</param>
    public void Reopen(OutboxOptions? options = null, Action? meanwhile = null)
    {
        Close();
        meanwhile?.Invoke();
        (_root, Outbox) = Open(options ?? _options);
    }

    /// <summary>Seals a batch of samples with the next numbers.</summary>
    public void Append(int samples = 1)
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        for (int i = 0; i < samples; i++) builder.Add(new Sample(_sequence++, i, 0, i + 1));
        Outbox.Append(builder.Seal(default));
    }

    public List<Delivery> TakeAll()
    {
        List<Delivery> all = [];
        while (Outbox.TryTake() is { } delivery) all.Add(delivery);
        return all;
    }

    public string[] Segments() => [.. System.IO.Directory.GetFiles(Directory.Path, "*.db", SearchOption.AllDirectories)];

    public void Dispose()
    {
        Close();
        Directory.Dispose();
    }

    private (DirectoryDisk Root, BatchOutbox Outbox) Open(OutboxOptions options)
    {
        var root = DirectoryDisk.OpenRoot(Directory.Path);
        return (root, new BatchOutbox(_over?.Invoke(root) ?? root, options, Time, NullLogger.Instance));
    }

    private void Close()
    {
        Outbox.Dispose();
        _root.Dispose();
    }
}
