using System.Globalization;
using System.Text;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What a drive costs on the air: the demo's, sample by sample as the agent seals it.</summary>
public sealed class DriveSizeTests(ITestOutputHelper output)
{
    /// <summary>The compact encoding's promise, in bytes a sample, with the MQTT PUBLISH around it.</summary>
    private const double MostColumnarBytes = 2;

    [Fact]
    public void A_columnar_sample_takes_at_most_two_bytes_on_the_air()
    {
        output.WriteLine("bytes a sample, with topic and PUBLISH header; messages in brackets");
        output.WriteLine($"{"sealed after",-14}{string.Join("", PayloadEncoding.All.Select(encoding => $"{encoding.Name,18}"))}");
        foreach (int seconds in (int[])[1, 5, 10])
        {
            StringBuilder line = new($"{seconds + " s",-14}");
            foreach (var encoding in PayloadEncoding.All)
            {
                var batches = Seal(TimeSpan.FromSeconds(seconds), encoding.MaxSamples);
                int samples = batches.Sum(batch => batch.Count);
                Assert.Equal(21_252, samples);
                double bytes = batches.Sum(batch => (double)PublishBytes(batch, encoding)) / samples;
                line.Append(CultureInfo.InvariantCulture, $"{$"{bytes:0.00} ({batches.Count})",18}");
                if (encoding == PayloadEncoding.Columnar) Assert.InRange(bytes, 0, MostColumnarBytes);
            }
            output.WriteLine(line.ToString());
        }
    }

    [Fact]
    public void All_encodings_tell_the_same_drive()
    {
        foreach (var batch in Seal(TimeSpan.FromSeconds(1), PayloadEncoding.Json.MaxSamples))
        {
            var clock = new WallClockReading(0, true);
            var decoded = PayloadEncoding.All.Select(encoding => PayloadDecoder.Decode(encoding.Encode(batch, clock, 0))).ToArray();
            var expected = batch.Samples();
            for (int i = 0; i < expected.Count; i++)
            {
                var (signal, timeNs, value) = expected[i];
                Assert.NotNull(signal.Scaling); // no DBC file of the demo has floats
                var (json, cbor, columnar) = (decoded[0].Samples[i], decoded[1].Samples[i], decoded[2].Samples[i]);
                Assert.Equal((signal.Name, value), (cbor.Name, cbor.Value));
                Assert.Equal((signal.Name, value), (columnar.Name, columnar.Value));
                Assert.Equal(signal.Name, json.Name);
                Assert.Equal((double)Math.Round((decimal)value, 3), json.Value); // its signals have up to three decimals
                Assert.Equal(timeNs, json.TimeNs);
                Assert.Equal(timeNs, cbor.TimeNs);
                Assert.InRange(columnar.TimeNs - timeNs, -ColumnarEncoder.TimeUnitNs / 2, ColumnarEncoder.TimeUnitNs / 2);
            }
        }
    }

    /// <summary>The drive in batches: each is full, or ends when its first sample is as old as that.</summary>
    private static List<Batch> Seal(TimeSpan after, int maxSamples)
    {
        var source = Source();
        var builder = new BatchBuilder(TestStamps.Acme, new SignalCatalog(source.Signals)) { MaxSamples = maxSamples };
        List<Batch> batches = [];
        using var log = File.OpenRead(Repository.PathOf("demo", "drive.log"));
        var reader = new CandumpReader(log);
        var values = new SignalValue[source.Plan.MaxSignalsPerFrame];
        long sequence = 1, begun = 0;
        while (reader.TryRead(out var record))
        {
            if (builder.Count > 0 && record.TimestampNs - begun >= after.TotalNanoseconds) batches.Add(builder.Seal(default));
            source.Plan.Decode(record.Frame, values, out int count);
            foreach (var value in values.AsSpan(0, count))
            {
                if (builder.IsFull) batches.Add(builder.Seal(default));
                if (builder.Count == 0) begun = record.TimestampNs;
                builder.Add(new Sample(sequence++, record.TimestampNs, value.Slot, value.Value));
            }
        }
        batches.Add(builder.Seal(default));
        return batches;
    }

    private static CaptureSource Source()
    {
        string path = Repository.PathOf("demo", "agent.json");
        var configuration = ConfigurationReader.ParseAgent(Encoding.UTF8.GetBytes("""
            {
              "device": "dongle-1", "tenant": { "id": "acme", "epoch": 1 }, "broker": { "url": "mqtt://localhost" },
              "sources": [{ "log": "drive.log", "bus": "can0", "dbc": ["vehicle.dbc"] }]
            }
            """), path);
        return Assert.Single(new SourceCompiler(path, TestSources.Environment).Compile(configuration.Tenant!.Sources));
    }

    /// <summary>MQTT 5 §3.3: fixed header, topic, packet identifier, the property of the content type, payload.</summary>
    private static int PublishBytes(Batch batch, PayloadEncoding encoding)
    {
        int payload = encoding.Encode(batch, new WallClockReading(0, true), 0).Length;
        int properties = 1 + 2 + encoding.ContentType.Length;
        int rest = 2 + Topics.Of(batch.Stamp, batch.Channel).Length + 2 + 1 + properties + payload;
        return 1 + SamplePayload.WriteVarint(stackalloc byte[5], (uint)rest) + rest;
    }
}
