using System.Buffers;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Benchmarks;

/// <summary>What a sample costs on the air: the demo's drive in each encoding, with the MQTT PUBLISH around it.</summary>
internal static class WireBenchmark
{
    public static void Run(Report report)
    {
        report.Begin("wire", "Bytes a sample on the air, topic and PUBLISH header included, of the demo's drive (760 samples a second)");
        foreach (var encoding in PayloadEncoding.All)
        {
            foreach (int seconds in (int[])[1, 5, 10])
            {
                var batches = Seal(TimeSpan.FromSeconds(seconds), encoding.MaxSamples);
                double bytes = batches.Sum(batch => (double)PublishBytes(batch, encoding)) / batches.Sum(batch => batch.Count);
                report.Add($"{encoding.Name}After{seconds}s", $"{encoding.Name}, sealed after {seconds} s", bytes, "B", encoding == PayloadEncoding.Columnar ? "≤ 2" : null);
            }
        }
    }

    private static List<Batch> Seal(TimeSpan after, int maxSamples)
    {
        var vehicle = new Vehicle(samplesPerSecond: 0);
        var stamp = new RecordStamp(Device.Assignment("acme"), new BootId(Guid.NewGuid()));
        var ring = new SampleRing(stamp, 1);
        var catalog = new SignalCatalog(vehicle.Signals);
        vehicle.DriveUntil(ring, [.. Enumerable.Range(0, vehicle.Signals.Count)], (long)vehicle.Duration.TotalNanoseconds - 1);
        var builder = new BatchBuilder(stamp, catalog) { MaxSamples = maxSamples };
        List<Batch> batches = [];
        long begun = 0;
        while (ring.TryTake(out var sample))
        {
            if (builder.IsFull || builder.Count > 0 && sample.TimeNs - begun >= after.TotalNanoseconds) batches.Add(builder.Seal(default));
            if (builder.Count == 0) begun = sample.TimeNs;
            builder.Add(sample);
        }
        batches.Add(builder.Seal(default));
        return batches;
    }

    /// <summary>MQTT 5 §3.3: fixed header, topic, packet identifier, the property of the content type, payload.</summary>
    private static int PublishBytes(Batch batch, PayloadEncoding encoding)
    {
        var payload = new ArrayBufferWriter<byte>();
        encoding.Encode(batch, new WallClockReading(0, true), 0, payload);
        int rest = 2 + Topics.Of(batch.Stamp, batch.Channel).Length + 2 + 1 + 1 + 2 + encoding.ContentType.Length + payload.WrittenCount;
        return 1 + SamplePayload.WriteVarint(stackalloc byte[5], (uint)rest) + rest;
    }
}
