using System.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Benchmarks;

/// <summary>MQTTnet as it comes, publishing at QoS 1 what is in memory, as many at once as the agent does.</summary>
internal static class BareMqtt
{
    private const int Window = 16;

    public static async Task<double> MessagesPerSecondAsync(Mosquitto broker, long messages, int payloadBytes, string contentType)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", broker.Port).WithClientId("bare").Build());
        var message = new MqttApplicationMessageBuilder().WithTopic("tenants/acme/devices/dongle-1/telemetry").WithContentType(contentType)
            .WithPayload(new byte[payloadBytes]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        long begun = Stopwatch.GetTimestamp(), left = messages;
        await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await client.PublishAsync(message);
        })));
        double rate = messages / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await client.DisconnectAsync();
        return rate;
    }
}
