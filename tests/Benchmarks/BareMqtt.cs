using System.Buffers;
using System.Diagnostics;
using EdgeAgent.Publishing;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Benchmarks;

/// <summary>
/// MQTTnet by itself, publishing at QoS 1 what is in memory: the very publications that the agent sent, in their order, as many at once as the agent does, and each in one
/// write, as the agent does too (in two, the kernel holds the second back until the first is acknowledged).
/// </summary>
internal static class BareMqtt
{
    private const int Window = 16;

    public static async Task<TimeSpan> PublishAsync(Mosquitto broker, IReadOnlyList<Publication> publications)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(
            new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", broker.Port).WithClientId("bare").WithoutPacketFragmentation().Build());
        int next = -1;
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < publications.Count)
            {
                var publication = publications[i];
                await client.PublishAsync(new MqttApplicationMessageBuilder()
                    .WithTopic(publication.Topic)
                    .WithPayload(new ReadOnlySequence<byte>(publication.Payload))
                    .WithContentType(publication.ContentType)
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                    .Build());
            }
        })));
        var took = Stopwatch.GetElapsedTime(begun);
        await client.DisconnectAsync();
        return took;
    }
}
