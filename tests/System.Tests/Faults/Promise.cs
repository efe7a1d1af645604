using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>
/// The promise, checked against all that a subscriber received from an agent that captured a <see cref="CounterDrive"/>: nothing came under
/// another tenant, no number twice for different samples, no sample under two numbers, and of each number that did not come the ledger says why.
/// </summary>
internal sealed class Promise
{
    private readonly SortedDictionary<long, long> _values = [];
    private readonly Dictionary<long, long> _numbers = [];
    private readonly List<Range> _ledger = [];
    private long _next;
    private bool _ledgerIsNewest;

    public Promise(string received, string tenant = "acme", string device = "dongle-1")
    {
        string own = $"tenants/{tenant}/devices/{device}/";
        string text = File.Exists(received) ? File.ReadAllText(received) : "";
        // The last line may still be being written.
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string topic = line[..space];
            if (topic.StartsWith("devices/", StringComparison.Ordinal) || topic == own + "state") continue;
            Assert.StartsWith(own, topic, StringComparison.Ordinal);
            using var payload = JsonDocument.Parse(line[(space + 1)..]);
            if (topic == own + "ledger") ReadLedger(payload.RootElement);
            else _ledgerIsNewest = false;
            if (topic == own + "telemetry") AddSamples(payload.RootElement, tenant, device);
        }
    }

    public int Received => _values.Count;

    /// <summary>Samples that came once more under the same number, as QoS 1 allows.</summary>
    public int Redelivered { get; private set; }

    /// <summary>Numbers that did not come, by what the ledger says of them.</summary>
    public SortedDictionary<string, long> Missing { get; } = new(StringComparer.Ordinal);

    /// <summary>True once there is a ledger that came after all records, knows of them and says that nothing waits. One that is sent again after a
    /// reconnect may be older than them.</summary>
    public bool IsSettled => _ledgerIsNewest && _values.Keys.LastOrDefault() < _next && !_ledger.Exists(range => range.Outcome == "buffered");

    /// <summary>The samples of a run that came, as places in its drive.</summary>
    public IEnumerable<int> Of(int run) =>
        _values.Values.Where(value => value / CounterDrive.RunLength == run).Select(value => (int)(value % CounterDrive.RunLength));

    /// <summary>Fails unless every number is received or accounted for.</summary>
    /// <param name="excuses">Which outcomes may be said of what did not come; each with its reason, as <c>unconfirmed power-cut</c>.</param>
    public void AssertKept(params string[] excuses)
    {
        Assert.NotEmpty(_values);
        Assert.NotEmpty(_ledger);
        Assert.True(_values.Keys.Max() < _next, $"a number came that the ledger says was never used: {_values.Keys.Max()}, next {_next}");
        long expected = 1;
        foreach (var range in _ledger)
        {
            Assert.Equal(expected, range.From);
            expected = range.To + 1;
            long came = 0;
            for (long number = range.From; number <= range.To; number++) came += _values.ContainsKey(number) ? 1 : 0;
            long missing = range.To - range.From + 1 - came;
            if (missing > 0) Missing[range.Outcome] = Missing.GetValueOrDefault(range.Outcome) + missing;
            Assert.True(missing == 0 || excuses.Contains(range.Outcome), $"{missing} of {range.From}–{range.To} did not come, of which the ledger says: {range.Outcome}");
        }
        Assert.Equal(_next, expected);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Received} samples received, {Redelivered} more than once; ")
        + (Missing.Count == 0 ? "no number is missing" : "missing: " + string.Join(", ", Missing.Select(pair => $"{pair.Value} {pair.Key}")));

    private void AddSamples(JsonElement pack, string tenant, string device)
    {
        var first = pack[0];
        Assert.Equal((tenant, device + "/"), (first.GetProperty("tenant").GetString(), first.GetProperty("bn").GetString()));
        long number = first.GetProperty("sequence").GetInt64();
        foreach (var record in pack.EnumerateArray())
        {
            long value = record.GetProperty("v").GetInt64();
            if (!_values.TryAdd(number, value))
            {
                Redelivered++;
                Assert.True(_values[number] == value, $"number {number} came for {_values[number]} and for {value}");
            }
            Assert.True(_numbers.GetValueOrDefault(value, number) == number, $"sample {value} came under the numbers {_numbers.GetValueOrDefault(value)} and {number}");
            _numbers[value] = number;
            number++;
        }
    }

    private void ReadLedger(JsonElement report)
    {
        // The newest one counts.
        _ledger.Clear();
        _ledgerIsNewest = true;
        foreach (var stream in report.GetProperty("streams").EnumerateArray())
        {
            if (stream.GetProperty("stream").GetString() != "telemetry") continue;
            _next = stream.GetProperty("next").GetInt64();
            foreach (var range in stream.GetProperty("ranges").EnumerateArray())
            {
                string outcome = range.GetProperty("outcome").GetString()!;
                if (range.TryGetProperty("reason", out var reason)) outcome += " " + reason.GetString();
                _ledger.Add(new Range(range.GetProperty("from").GetInt64(), range.GetProperty("to").GetInt64(), outcome));
            }
        }
    }

    private sealed record Range(long From, long To, string Outcome);
}
