using System.Text;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using EdgeAgent.Tests.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Updates;

/// <summary>An agent of a tenant that is sent updates, on a disk that outlives it.</summary>
internal sealed class UpdatedDevice : IAsyncDisposable
{
    public const string Package = "a package";

    public static readonly Sha256Digest Digest = Sha256Digest.Of(Encoding.UTF8.GetBytes(Package));

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestDirectory _directory = new();
    private readonly KeptLog _log = new();
    private Agent? _agent;

    public FakeBroker Broker { get; private set; } = new();

    /// <summary>Where root leaves what came of an update.</summary>
    public string UpdateDirectory => _directory["root"];

    public string State(string file) => Path.Combine(_directory["state"], file);

    public static string Manifest(SigningKey? key = null, string version = "99.0.0", string? architecture = null, int format = 1) =>
        UpdateManifest.Sign(key ?? Platform, version, architecture ?? UpdateManifest.OwnArchitecture, Digest, Package.Length, format, 60, mayDowngrade: false);

    public async Task StartAsync(bool isAssigned = true)
    {
        Directory.CreateDirectory(UpdateDirectory);
        Broker = new FakeBroker();
        var configuration = ConfigurationReader.ParseProvisioning(
            Bytes($$"""{"device":"{{Device}}","platformKeys":[{{Platform.Public}}],"broker":{"url":"mqtt://broker"},"drainSeconds":0}"""), _directory["provision.json"], _directory["state"]);
        var time = BootTimeProvider.Instance;
        var inputs = new AgentInputs(
            configuration, [], BootId.OfThisBoot(), time, new Random(1), ThreadWorkers.Instance, new LogLevelSwitch(LogLevel.Debug, time), new RecentLog(time), DirectoryDisk.OpenRoot, NoInterface, _ => Broker)
        { UpdateDirectory = UpdateDirectory };
        _agent = new Agent(inputs, new Lifetime(), _log);
        await _agent.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => Broker.Subscriptions.Count > 0, "a connection");
        if (isAssigned) await Broker.DeliverAsync(Topics.Assignment(Device), Assignment());

        static ICanSource NoInterface(string name, CanSocketOptions options) => throw new IOException("no interfaces here");
    }

    public async Task StopAsync()
    {
        await _agent!.StopAsync(TestContext.Current.CancellationToken);
        await _agent.DisposeAsync();
        _agent = null;
    }

    /// <summary>Commands it and returns the answer.</summary>
    public async Task<JsonElement> CommandAsync(string id, string manifest, bool whileMoving = false, bool oneWay = false)
    {
        var now = TimeProvider.System.GetUtcNow();
        await Broker.DeliverAsync($"tenants/{Tenant}/devices/{Device}/commands/{id}", Command(id, "agent.update", new() { ["manifest"] = manifest, ["whileMoving"] = whileMoving, ["oneWay"] = oneWay }, issued: now));
        return await RecordAsync("responses/" + id, _ => true);
    }

    /// <summary>The first record there that is as wanted, when it has come.</summary>
    public async Task<JsonElement> RecordAsync(string channel, Func<JsonElement, bool> isWanted)
    {
        JsonElement? found = null;
        await UntilAsync(() => (found = Records(channel).Cast<JsonElement?>().FirstOrDefault(record => isWanted(record!.Value))) is not null, channel);
        return found!.Value;
    }

    public IEnumerable<JsonElement> Records(string channel) =>
        Broker.Publications.Where(record => record.Topic == $"tenants/{Tenant}/devices/{Device}/{channel}").Select(record => JsonElement.Parse(record.Payload));

    /// <summary>The broker sends the package as soon as it is asked for it.</summary>
    public async Task DeliverPackageAsync(string? content = null)
    {
        await UntilAsync(() => Broker.Subscriptions.Contains(Topics.Artifact(Tenant, Digest)), "a subscription to the package");
        await Broker.DeliverAsync(Topics.Artifact(Tenant, Digest), content ?? Package);
    }

    public Task UntilLoggedAsync(string words) => UntilAsync(() => _log.Has(words), words);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"not in time: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await StopAsync();
        _directory.Dispose();
    }

    /// <summary>Nobody stops this host.</summary>
    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => throw new InvalidOperationException("the agent stops by itself");
    }

    private sealed class KeptLog : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public bool Has(string words)
        {
            lock (_lines) return _lines.Exists(line => line.Contains(words, StringComparison.Ordinal));
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add(formatter(state, exception));
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
