using System.Text.Json.Nodes;

namespace EdgeAgent.Management;

/// <summary>How the agent is, as it is answered to those who ask.</summary>
internal static class StatusJson
{
    public static JsonObject Of(AgentStatus status) => new()
    {
        ["tenant"] = status.Assignment?.Tenant.ToString(),
        ["epoch"] = status.Assignment?.Epoch.Value,
        ["brokerConnected"] = status.BrokerIsConnected,
        ["sources"] = new JsonArray([.. (status.Pipeline?.Readers ?? []).Select(reader => new JsonObject
        {
            ["bus"] = reader.Source.Bus.ToString(),
            ["state"] = reader.State.ToString().ToLowerInvariant(),
            ["trouble"] = reader.Trouble,
            ["frames"] = reader.Counters.Frames,
            ["samples"] = reader.Counters.Samples,
            ["droppedByKernel"] = reader.Counters.DroppedByKernel,
            ["refusedSamples"] = reader.Counters.RefusedSamples,
            ["errorFrames"] = reader.Counters.ErrorFrames,
            ["openings"] = reader.Counters.Openings,
        })]),
        ["outbox"] = new JsonObject
        {
            ["sealedSamples"] = status.Outbox.SealedSamples,
            ["deliveredSamples"] = status.Outbox.DeliveredSamples,
            ["bufferedSamples"] = status.Outbox.BufferedSamples,
            ["droppedSamples"] = status.Outbox.DroppedSamples,
            ["storedBatches"] = status.Outbox.StoredBatches,
            ["storedBytes"] = status.Outbox.StoredBytes,
            ["memoryBytes"] = status.Outbox.MemoryBytes,
        },
    };
}
