using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The operation <c>status</c>, read back. What an agent of another version does not say is null or 0.</summary>
internal sealed record AgentReading
{
    private const int MaxText = 400, MaxSources = 64, MaxTexts = 32;

    public string? Device { get; init; }
    public string? Version { get; init; }
    public string? Tenant { get; init; }
    public long? Epoch { get; init; }
    public ConfigurationReading Configuration { get; init; } = new();
    public BrokerReading Broker { get; init; } = new();
    public IReadOnlyList<SourceReading> Sources { get; init; } = [];
    public OutboxReading Outbox { get; init; } = new();

    /// <summary>Where the outbox is.</summary>
    public string? StoreDirectory { get; init; }

    /// <summary>Why it cannot be written.</summary>
    public string? StoreTrouble { get; init; }

    /// <exception cref="FormatException">It is no status.</exception>
    public static AgentReading Parse(JsonObject status)
    {
        var members = new JsonMembers(JsonElement.Parse(status.ToJsonString()));
        var store = members.Object("store");
        return new AgentReading
        {
            Device = members.Text("device"),
            Version = members.Text("version"),
            Tenant = members.Text("tenant"),
            Epoch = members.Count("epoch"),
            Configuration = members.Object("configuration") is { } configuration ? new ConfigurationReading
            {
                Status = configuration.Text("status") ?? "none",
                TenantVersion = configuration.Count("tenantVersion"),
                DeviceVersion = configuration.Count("deviceVersion"),
                MissingArtifacts = configuration.Count("missingArtifacts") ?? 0,
                Mistakes = configuration.Texts("mistakes", MaxTexts, MaxText),
                Trouble = configuration.Text("trouble", MaxText),
            } : new(),
            Broker = members.Object("broker") is { } broker ? new BrokerReading
            {
                Url = broker.Text("url", MaxText),
                IsConnected = broker.Flag("connected") == true,
                Connects = broker.Count("connects") ?? 0,
                Fault = broker.Text("fault"),
                Trouble = broker.Text("trouble", MaxText),
                TroubleSeconds = Seconds(broker, "troubleSeconds"),
                Refusals = broker.Count("refusals") ?? 0,
                Refusal = broker.Text("refusal", MaxText),
                RefusalSeconds = Seconds(broker, "refusalSeconds"),
                AcknowledgedSeconds = Seconds(broker, "acknowledgedSeconds"),
                RefusedSubscriptions = broker.Texts("refusedSubscriptions", MaxTexts, MaxText),
            } : new(),
            Sources = [.. members.Objects("sources", MaxSources).Select(SourceReading.Parse)],
            Outbox = members.Object("outbox") is { } outbox ? new OutboxReading
            {
                BufferedSamples = outbox.Count("bufferedSamples") ?? 0,
                DeliveredSamples = outbox.Count("deliveredSamples") ?? 0,
                Evicted = outbox.Count("evicted") ?? 0,
                Corrupt = outbox.Count("corrupt") ?? 0,
                Unconfirmed = outbox.Count("unconfirmed") ?? 0,
                StoredBytes = outbox.Count("storedBytes") ?? 0,
                OldestSeconds = Seconds(outbox, "oldestSeconds"),
            } : new(),
            StoreDirectory = store?.Text("directory", MaxText),
            StoreTrouble = store?.Text("trouble", MaxText),
        };
    }

    internal static double? Seconds(JsonMembers of, string name) => of.Number(name, 0, 1e12);
}

/// <summary>Of the configuration; see <see cref="Management.Control.ConfigurationStatus"/>.</summary>
internal sealed record ConfigurationReading
{
    public string Status { get; init; } = "none";
    public long? TenantVersion { get; init; }
    public long? DeviceVersion { get; init; }
    public long MissingArtifacts { get; init; }
    public IReadOnlyList<string> Mistakes { get; init; } = [];
    public string? Trouble { get; init; }
}

/// <summary>Of the broker; see <see cref="Publishing.BrokerReport"/>.</summary>
internal sealed record BrokerReading
{
    public string? Url { get; init; }
    public bool IsConnected { get; init; }
    public long Connects { get; init; }
    public string? Fault { get; init; }
    public string? Trouble { get; init; }
    public double? TroubleSeconds { get; init; }
    public long Refusals { get; init; }
    public string? Refusal { get; init; }
    public double? RefusalSeconds { get; init; }
    public double? AcknowledgedSeconds { get; init; }
    public IReadOnlyList<string> RefusedSubscriptions { get; init; } = [];
}

/// <summary>Of a source.</summary>
internal sealed record SourceReading
{
    private const int MaxBusName = 64, MaxText = 400;

    public string Bus { get; init; } = "";
    public string? Interface { get; init; }
    public string? State { get; init; }
    public string? Trouble { get; init; }
    /// <summary>Without error frames, which the agent counts among its frames.</summary>
    public long Frames { get; init; }

    public long Samples { get; init; }
    public long Dropped { get; init; }
    public long ErrorFrames { get; init; }

    /// <summary>Seconds without a frame; null while there are frames.</summary>
    public double? SilentSeconds { get; init; }

    public bool IsListenOnly { get; init; }

    /// <summary>Error frames by class.</summary>
    public IReadOnlyList<(string Name, long Count)> Errors { get; init; } = [];

    public static SourceReading Parse(JsonMembers source)
    {
        var can = source.Object("can");
        return new SourceReading
        {
            Bus = source.Text("bus", MaxBusName) ?? "",
            Interface = source.Text("interface", MaxBusName),
            State = source.Text("state"),
            Trouble = source.Text("trouble", MaxText),
            Frames = Math.Max(0, (source.Count("frames") ?? 0) - (source.Count("errorFrames") ?? 0)),
            Samples = source.Count("samples") ?? 0,
            Dropped = (source.Count("droppedByKernel") ?? 0) + (source.Count("refusedSamples") ?? 0),
            ErrorFrames = source.Count("errorFrames") ?? 0,
            SilentSeconds = can is { } bus ? AgentReading.Seconds(bus, "silentSeconds") : null,
            IsListenOnly = can?.Flag("listenOnly") == true,
            Errors = can?.Object("errors")?.Counts() ?? [],
        };
    }
}

/// <summary>Of the tenant's records.</summary>
internal sealed record OutboxReading
{
    public long BufferedSamples { get; init; }
    public long DeliveredSamples { get; init; }
    public long Evicted { get; init; }
    public long Corrupt { get; init; }
    public long Unconfirmed { get; init; }
    public long StoredBytes { get; init; }
    public double? OldestSeconds { get; init; }
}
