using System.Globalization;

namespace EdgeAgent.Demo.Agent;

/// <summary>The agent's state as it tells the service manager: the text behind <c>STATUS=</c>, a line of <c>name=value</c>.</summary>
internal sealed record AgentStatus
{
    public static readonly AgentStatus None = new() { BrokerIsConnected = false, SourceState = "starting" };

    public required bool BrokerIsConnected { get; init; }

    /// <summary>Frames read.</summary>
    public long Frames { get; init; }

    /// <summary>Samples accepted.</summary>
    public long Samples { get; init; }

    /// <summary>Frames that the kernel dropped and samples that found no room.</summary>
    public long Dropped { get; init; }

    /// <summary>Samples that the broker acknowledged.</summary>
    public long Delivered { get; init; }

    /// <summary>Samples that it did not, yet.</summary>
    public long Buffered { get; init; }

    /// <summary>Of the recorded bus: starting, open, retrying, ended.</summary>
    public required string SourceState { get; init; }

    public bool HasReadAll => SourceState == "ended";

    public static AgentStatus Parse(string text)
    {
        Dictionary<string, string> fields = [];
        foreach (string field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) fields[field[..equals]] = field[(equals + 1)..];
        }
        return new AgentStatus
        {
            BrokerIsConnected = fields.GetValueOrDefault("broker") == "connected",
            Frames = Number(fields, "frames"),
            Samples = Number(fields, "samples"),
            Dropped = Number(fields, "dropped"),
            Delivered = Number(fields, "delivered"),
            Buffered = Number(fields, "buffered"),
            SourceState = fields.GetValueOrDefault(Recording.Bus, "starting"),
        };
    }

    private static long Number(Dictionary<string, string> fields, string name) =>
        long.TryParse(fields.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
}
