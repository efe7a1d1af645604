using System.Text.Json;

namespace EdgeAgent.Demo.Agent;

/// <summary>Writes the agent's configuration.</summary>
internal static class AgentConfigurationFile
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public static void Write(Workspace workspace, int brokerPort, double speed)
    {
        var document = new
        {
            device = Identity.Device,
            tenant = new { id = Identity.Tenant, epoch = Identity.Epoch },
            broker = new { url = $"mqtt://127.0.0.1:{brokerPort}" },
            sources = new[] { new { bus = Recording.Bus, log = Recording.LogPath, speed, dbc = new[] { Recording.DbcPath } } },
            // Smaller batches than usual, so that there is something to see.
            outbox = new { directory = workspace.StatePath, sealAfterSeconds = 0.5 },
        };
        File.WriteAllBytes(workspace.ConfigurationPath, JsonSerializer.SerializeToUtf8Bytes(document, Readable));
    }
}
