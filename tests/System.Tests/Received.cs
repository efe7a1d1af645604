using System.Text.Json;

namespace EdgeAgent.SystemTests;

/// <summary>What mosquitto_sub wrote: a line a message, topic and SenML pack.</summary>
internal sealed class Received
{
    private readonly SortedDictionary<long, (string Name, double Value, double Time)> _samples = [];

    public Received(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (line.StartsWith("devices/dongle-1/status ", StringComparison.Ordinal))
            {
                using var status = JsonDocument.Parse(line[(space + 1)..]);
                Online.Add(status.RootElement.GetProperty("online").GetBoolean());
                continue;
            }
            Topics.Add(line[..space]);
            if (!line[..space].EndsWith("/telemetry", StringComparison.Ordinal)) continue;
            using var pack = JsonDocument.Parse(line[(space + 1)..]);
            Add(pack.RootElement);
        }
    }

    /// <summary>What was said of the device, in order.</summary>
    public List<bool> Online { get; } = [];

    public SortedSet<string> Topics { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Tenants { get; } = new(StringComparer.Ordinal);

    /// <summary>By sequence number.</summary>
    public IReadOnlyDictionary<long, (string Name, double Value, double Time)> Samples => _samples;

    /// <summary>Samples that came once more under the same number, as QoS 1 allows when a connection breaks.</summary>
    public int Redelivered { get; private set; }

    /// <summary>Runs of consecutive sequence numbers.</summary>
    public List<(long First, long Last)> Runs
    {
        get
        {
            List<(long First, long Last)> runs = [];
            foreach (long sequence in _samples.Keys)
            {
                if (runs.Count > 0 && runs[^1].Last == sequence - 1) runs[^1] = (runs[^1].First, sequence);
                else runs.Add((sequence, sequence));
            }
            return runs;
        }
    }

    public IEnumerable<(string Name, double Value)> Between(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++) yield return (_samples[sequence].Name, _samples[sequence].Value);
    }

    private void Add(JsonElement pack)
    {
        var first = pack[0];
        Tenants.Add(first.GetProperty("tenant").GetString()!);
        long sequence = first.GetProperty("sequence").GetInt64();
        double time = first.GetProperty("bt").GetDouble();
        foreach (var record in pack.EnumerateArray())
        {
            double offset = record.TryGetProperty("t", out var t) ? t.GetDouble() : 0;
            var sample = (record.GetProperty("n").GetString()!, record.GetProperty("v").GetDouble(), time + offset);
            if (!_samples.TryAdd(sequence, sample))
            {
                Redelivered++;
                Assert.Equal((_samples[sequence].Name, _samples[sequence].Value), (sample.Item1, sample.Item2));
            }
            sequence++;
        }
    }
}
