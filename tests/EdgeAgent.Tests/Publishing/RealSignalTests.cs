using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>The factors, offsets, floats and 64-bit signals of real DBC files, in ../shared/data beside the checkout or where EDGE_TEST_DATA says.</summary>
public sealed class RealSignalTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_value_of_real_DBC_files_arrives_exactly()
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("EDGE_TEST_DATA") is { Length: > 0 } given ? given : Repository.PathOf("..", "shared", "data"), "dbc");
        Assert.SkipUnless(Directory.Exists(folder), $"no folder {folder} with DBC files and frames; set EDGE_TEST_DATA to the one above dbc/");
        int files = 0, values = 0, raws = 0, artefacts = 0;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(folder, "vectors"), "*.frames.jsonl"))
        {
            string name = Path.GetFileName(path)[..^".frames.jsonl".Length].Replace("__", "/", StringComparison.Ordinal);
            DecodePlan plan;
            try
            {
                plan = DecodePlan.Compile(DbcFile.Load(Path.Combine(folder, name)));
            }
            catch (DbcException)
            {
                continue; // what cannot be loaded has tests of its own
            }
            files++;
            foreach (var batch in Seal(plan, File.ReadLines(path).Where(line => line.Length > 0)))
            {
                var expected = batch.Samples();
                var decoded = PayloadEncoding.All.Select(encoding => PayloadDecoder.Decode(encoding.Encode(batch, default, 0)).Samples).ToArray();
                for (int i = 0; i < expected.Count; i++)
                {
                    var (signal, _, value) = expected[i];
                    values++;
                    AssertSame(value, decoded[1][i].Value, signal.Name);
                    AssertSame(value, decoded[2][i].Value, signal.Name);
                    if (decoded[0][i].Value.Equals(value)) continue;
                    artefacts++;
                    Assert.True(signal.Scaling!.Value.TryGetRaw(value, out long raw));
                    Assert.Equal(raw, Math.Round((decoded[0][i].Value - signal.Scaling.Value.Offset) / signal.Scaling.Value.Factor));
                }
                raws += expected.Count(sample => sample.Signal.Scaling is { } scaling && scaling.TryGetRaw(sample.Value, out _));
            }
        }
        Assert.InRange(files, 5, int.MaxValue);
        Assert.InRange(raws, values * 9 / 10, values); // random frames: the others are IEEE floats or have more than 53 bits
        output.WriteLine($"{files} DBC files, {values} values exact, {raws} of them as raw integers; JSON writes {artefacts} shorter than the double");
    }

    private static IEnumerable<Batch> Seal(DecodePlan plan, IEnumerable<string> frames)
    {
        var catalog = new SignalCatalog([.. plan.Signals.Select((selected, i) => new SignalDescription(
            $"can0/{selected.Message.Name}/{selected.Signal.Name}#{i}", selected.Signal.Unit, selected.Signal.IsFloat ? null : new SignalScaling(selected.Signal.Scale, selected.Signal.Offset)))]);
        var builder = new BatchBuilder(TestStamps.Acme, catalog);
        var values = new SignalValue[Math.Max(1, plan.MaxSignalsPerFrame)];
        long sequence = 1;
        foreach (string line in frames)
        {
            using var frame = JsonDocument.Parse(line);
            var id = frame.RootElement.GetProperty("ext").GetBoolean() ? CanId.Extended(frame.RootElement.GetProperty("id").GetUInt32()) : CanId.Standard(frame.RootElement.GetProperty("id").GetUInt32());
            plan.Decode(id, Convert.FromHexString(frame.RootElement.GetProperty("data").GetString()!), values, out int count);
            foreach (var value in values.AsSpan(0, count).ToArray())
            {
                if (builder.IsFull) yield return builder.Seal(default);
                builder.Add(new Sample(sequence, sequence++ * 1_000_000, value.Slot, value.Value));
            }
        }
        if (builder.Count > 0) yield return builder.Seal(default);
    }

    private static void AssertSame(double expected, double read, string signal) =>
        Assert.True(BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(read) || double.IsNaN(expected) && double.IsNaN(read), $"{signal}: {read} for {expected}");
}
