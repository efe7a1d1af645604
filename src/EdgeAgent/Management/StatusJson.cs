using System.Text.Json.Nodes;
using EdgeAgent.Can.Errors;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management;

/// <summary>
/// How the agent is, as it is answered to those who ask. Of records it counts those of the tenant whose the device is: what waits for another is
/// not his business. While the device belongs to nobody, what waits for all.
/// </summary>
internal static class StatusJson
{
    public static JsonObject Of(AgentStatus status) => new()
    {
        ["version"] = AgentVersion.Text,
        ["device"] = status.Device.ToString(),
        ["tenant"] = status.Assignment?.Tenant.ToString(),
        ["epoch"] = status.Assignment?.Epoch.Value,
        ["clock"] = status.Clock.Synchronized ? "synchronized" : "unsynchronized",
        ["configuration"] = new JsonObject
        {
            ["status"] = status.Configuration.Status,
            ["tenantVersion"] = status.Configuration.TenantVersion,
            ["deviceVersion"] = status.Configuration.DeviceVersion,
            ["missingArtifacts"] = status.Configuration.MissingArtifacts,
            ["mistakes"] = new JsonArray([.. status.Configuration.Mistakes.Select(mistake => JsonValue.Create(mistake.ToString()))]),
            ["trouble"] = status.Configuration.Trouble,
        },
        ["broker"] = new JsonObject
        {
            ["url"] = status.Broker,
            ["connected"] = status.BrokerIsConnected,
            ["connects"] = status.Connects,
            ["trouble"] = status.BrokerReport.Trouble,
            ["fault"] = status.BrokerReport.Fault?.ToString().ToLowerInvariant(),
            ["troubleSeconds"] = Seconds(status.BrokerReport.TroubleAge),
            ["refusals"] = status.BrokerReport.Refusals,
            ["refusal"] = status.BrokerReport.Refusal,
            ["refusalSeconds"] = Seconds(status.BrokerReport.RefusalAge),
            ["acknowledgedSeconds"] = Seconds(status.BrokerReport.AcknowledgementAge),
            ["refusedSubscriptions"] = new JsonArray([.. status.RefusedSubscriptions.Select(refusal => JsonValue.Create(refusal))]),
        },
        ["sources"] = new JsonArray([.. (status.Pipeline?.Readers ?? []).Select(reader => new JsonObject
        {
            ["bus"] = reader.Source.Bus.ToString(),
            ["interface"] = reader.Source.Interface,
            ["state"] = reader.State.ToString().ToLowerInvariant(),
            ["trouble"] = reader.Trouble,
            ["frames"] = reader.Counters.Frames,
            ["unknownFrames"] = reader.Counters.UnknownFrames,
            ["samples"] = reader.Counters.Samples,
            ["droppedByKernel"] = reader.Counters.DroppedByKernel,
            ["refusedSamples"] = reader.Counters.RefusedSamples,
            ["errorFrames"] = reader.Counters.ErrorFrames,
            ["openings"] = reader.Counters.Openings,
            ["obd"] = status.Pipeline?.PollerOf(reader) is { } poller ? Of(poller) : null,
            ["can"] = reader.Bus is { Link: not null } bus ? Of(bus, reader.Source.Policy) : null,
        })]),
        ["store"] = new JsonObject { ["directory"] = status.StateDirectory, ["trouble"] = status.StoringTrouble },
        ["outbox"] = status.Tenant is { } own ? Of(own) : new JsonObject
        {
            ["storedBatches"] = status.Outbox.StoredBatches,
            ["storedBytes"] = status.Outbox.StoredBytes,
            ["memoryBytes"] = status.Outbox.MemoryBytes,
        },
    };

    private static double? Seconds(TimeSpan? age) => age is { } some ? Math.Round(some.TotalSeconds, 1) : null;

    private static JsonObject Of(BusReading bus, BusPolicy policy) => new()
    {
        ["up"] = bus.Link?.IsUp,
        ["controller"] = bus.Controller is { } state ? CanErrorText.NameOf(state) : null,
        ["bitrate"] = bus.Link?.BitTiming?.BitRate,
        ["dataBitrate"] = bus.Link?.DataBitTiming?.BitRate,
        ["samplePoint"] = bus.Link?.BitTiming is { SamplePoint: > 0 and var point } ? point / 1000.0 : null,
        ["restartMs"] = bus.Link?.RestartAfter?.TotalMilliseconds,
        ["listenOnly"] = bus.Link?.IsListenOnly == true || policy.ListenOnly,
        ["load"] = bus.Load is { } load ? Math.Round(load, 3) : null,
        ["silentSeconds"] = bus.Silent is { } silent ? Math.Round(silent.TotalSeconds) : null,
        ["sendErrorCounter"] = bus.Link?.SendErrorCounter,
        ["receiveErrorCounter"] = bus.Link?.ReceiveErrorCounter,
        ["busOffs"] = bus.Link?.DeviceStatistics?.BusOffs,
        ["receivedFrames"] = bus.Link?.Statistics.ReceivedFrames,
        ["sentFrames"] = bus.Link?.Statistics.SentFrames,
        ["receiveDropped"] = bus.Link?.Statistics.ReceiveDropped,
        ["errors"] = new JsonObject([.. bus.Errors.Named.Select(error => KeyValuePair.Create(error.Name, (JsonNode?)error.Count))]),
    };

    private static JsonObject Of(ObdPoller poller) => new()
    {
        ["state"] = poller.StateName,
        ["requests"] = poller.Requests,
        ["samples"] = poller.Samples,
        ["wantedPerSecond"] = poller.Rates is { } wanted ? Math.Round(wanted.Wanted, 2) : null,
        ["answersPerSecond"] = poller.Rates is { } achieved ? Math.Round(achieved.Achieved, 2) : null,
        ["unsupported"] = poller.Rates?.Unsupported,
        ["otherTesters"] = poller.TestersSeen,
    };

    private static JsonObject Of(TenantCounts counts) => new()
    {
        ["bufferedSamples"] = counts.BufferedSamples,
        ["bufferedMessages"] = counts.BufferedMessages,
        ["deliveredSamples"] = counts.DeliveredSamples,
        ["evicted"] = counts.Evicted,
        ["corrupt"] = counts.Corrupt,
        ["unconfirmed"] = counts.Unconfirmed,
        ["storedBatches"] = counts.StoredBatches,
        ["storedBytes"] = counts.StoredBytes,
        ["memoryBytes"] = counts.MemoryBytes,
        ["oldestSeconds"] = Seconds(counts.Oldest),
    };
}
