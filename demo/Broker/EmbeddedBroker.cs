using System.Net;
using System.Net.Sockets;
using MQTTnet.Server;

namespace EdgeAgent.Demo.Broker;

/// <summary>A broker in this process, on a free port of the loopback interface.</summary>
internal sealed class EmbeddedBroker : IAsyncDisposable
{
    private const int Attempts = 5;

    /// <summary>More than one drive has messages, so that a slow watcher of the demo loses none.</summary>
    private const int MaxPendingMessages = 10_000;

    private readonly MqttServer _server;

    private EmbeddedBroker(MqttServer server, int port)
    {
        _server = server;
        Address = new BrokerAddress(IPAddress.Loopback.ToString(), port);
    }

    public BrokerAddress Address { get; }

    public static async Task<EmbeddedBroker> StartAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
                .WithDefaultEndpoint()
                .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
                .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
                .WithDefaultEndpointPort(port)
                .WithMaxPendingMessagesPerClient(MaxPendingMessages)
                .Build());
            // A client without an id is given one (MQTT 5 §3.2.2.3.7), as mosquitto does.
            server.ValidatingConnectionAsync += client =>
            {
                if (client.ClientId.Length == 0) client.AssignedClientIdentifier = $"auto-{Guid.NewGuid():N}";
                return Task.CompletedTask;
            };
            try
            {
                await server.StartAsync();
                return new EmbeddedBroker(server, port);
            }
            catch (SocketException) when (attempt < Attempts)
            {
                // Somebody took the port in between.
                server.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
