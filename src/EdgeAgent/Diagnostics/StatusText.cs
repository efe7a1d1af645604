using System.Globalization;
using System.Text;
using EdgeAgent.Management;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// The agent's state in one line of <c>name=value</c>, as <c>systemctl status</c> shows it:
/// <code>tenant=acme broker=connected frames=1200 samples=4800 dropped=0 sealed=4790 delivered=4680 buffered=110 stored-batches=0 can0=open</code>
/// </summary>
internal static class StatusText
{
    public static string Of(AgentStatus status)
    {
        long frames = 0, samples = 0, dropped = 0;
        var sources = new StringBuilder();
        foreach (var reader in status.Pipeline?.Readers ?? [])
        {
            frames += reader.Counters.Frames;
            samples += reader.Counters.Samples;
            dropped += reader.Counters.DroppedByKernel + reader.Counters.RefusedSamples;
            sources.Append(CultureInfo.InvariantCulture, $" {reader.Source.Bus}={reader.State.ToString().ToLowerInvariant()}");
        }
        var outbox = status.Outbox;
        return string.Create(CultureInfo.InvariantCulture,
            $"tenant={status.Assignment?.Tenant.ToString() ?? "-"} broker={(status.BrokerIsConnected ? "connected" : "away")} frames={frames} samples={samples} dropped={dropped}"
            + $" sealed={outbox.SealedSamples} delivered={outbox.DeliveredSamples} buffered={samples - outbox.DeliveredSamples} stored-batches={outbox.StoredBatches}{sources}");
    }
}
