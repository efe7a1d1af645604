using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A publisher with its outbox and a fake broker on one thread and a fake clock: every run is the same.</summary>
internal sealed class PublisherRig : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SingleThread _thread = new();
    private readonly DirectoryDisk _disk;
    private Task? _running;

    public PublisherRig(Func<IncomingMessage, Task>? receive = null)
    {
        _disk = DirectoryDisk.OpenRoot(_directory.Path);
        Outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 100_000_000), Time, Journal);
        var clock = new WallClock(Time);
        Broker.Asked = _thread.AssertHere;
        var status = new DeviceStatus(TestStamps.Acme.Device, "1.2.3", TestStamps.Boot, clock);
        Publisher = new Publisher(Broker, Outbox, status, receive ?? (_ => Task.CompletedTask), clock, Time, new Random(1), Journal);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 4, 8, 0, 0, TimeSpan.Zero));

    public FakeBroker Broker { get; } = new();

    public BatchOutbox Outbox { get; }

    public Publisher Publisher { get; }

    public JournalOfTest Journal { get; } = new();

    /// <summary>Sequence numbers in the order in which they reached the broker.</summary>
    public IEnumerable<long> Sequences => Broker.Publications.Select(message => Sequence(message.Payload));

    public void Start()
    {
        _running = Publisher.RunAsync(_stop.Token);
        _thread.Run();
    }

    public void Run() => _thread.Run();

    /// <summary>Lets time pass in small steps, and everything happen that happens meanwhile.</summary>
    public void Pass(double seconds, double step = 0.05, Action? eachStep = null)
    {
        for (double passed = 0; passed < seconds - step / 2; passed += step)
        {
            Time.Advance(TimeSpan.FromSeconds(step));
            eachStep?.Invoke();
            _thread.Run();
            Outbox.Flush();
            _thread.Run();
        }
    }

    public void Append(string tenant, long sequence, int count = 1, Channel? channel = null)
    {
        var builder = new BatchBuilder(TestStamps.Of(tenant, 1), Catalog);
        for (int i = 0; i < count; i++) builder.Add(new Sample(sequence + i, 0, 0, i));
        var batch = builder.Seal(default);
        Outbox.Append(channel is { } other ? batch with { Channel = other, Payload = "\"a\":1"u8.ToArray() } : batch);
    }

    /// <summary>Told to stop; true if it has ended.</summary>
    public bool Stop()
    {
        _stop.Cancel();
        _thread.Run();
        return _running!.IsCompletedSuccessfully;
    }

    public void Dispose()
    {
        if (_running is { IsCompleted: false }) Stop();
        _thread.Dispose();
        Outbox.Dispose();
        _disk.Dispose();
        _directory.Dispose();
        _stop.Dispose();
    }

    public static long Sequence(string payload)
    {
        using var pack = JsonDocument.Parse(payload);
        return (pack.RootElement.ValueKind == JsonValueKind.Array ? pack.RootElement[0] : pack.RootElement).GetProperty("sequence").GetInt64();
    }
}
