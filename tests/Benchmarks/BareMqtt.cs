using System.Buffers;
using System.Diagnostics;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeAgent.Benchmarks;

/// <summary>A publication that went out. What was in it is not kept: the collector would work for the benchmark.</summary>
internal readonly record struct Sent(string Topic, string ContentType, int PayloadBytes);

/// <summary>
/// MQTTnet by itself, publishing at QoS 1 what is in memory: publications of the topics, types and sizes of those that the agent sent, in their order, as many at once as
/// the agent does, and each in one write, as the agent does too (in two, the kernel holds the second back until the first is acknowledged).
/// </summary>
internal static class BareMqtt
{
    private const int Window = 16;

    public static async Task<TimeSpan> PublishAsync(Mosquitto broker, IReadOnlyList<Sent> publications)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(
            new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", broker.Port).WithClientId("bare").WithoutPacketFragmentation().Build());
        byte[] payload = new byte[publications.Max(publication => publication.PayloadBytes)];
        Random.Shared.NextBytes(payload);
        int next = -1;
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < publications.Count)
            {
                var publication = publications[i];
                await client.PublishAsync(new MqttApplicationMessageBuilder()
                    .WithTopic(publication.Topic)
                    .WithPayload(new ReadOnlySequence<byte>(payload, 0, publication.PayloadBytes))
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
