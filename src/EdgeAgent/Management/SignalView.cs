using System.IO.Enumeration;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;

namespace EdgeAgent.Management;

/// <summary>Which signals somebody wants to see.</summary>
/// <param name="Bus">Those of one bus; null for all.</param>
/// <param name="Name">A pattern of <c>*</c> and <c>?</c> for the whole name <c>bus/message/signal</c>, or what it begins with; upper and lower case are the same. Null for all.</param>
internal sealed record SignalFilter(string? Bus, string? Name)
{
    public bool Matches(string name)
    {
        if (Bus is not null && !(name.StartsWith(Bus, StringComparison.Ordinal) && name.Length > Bus.Length && name[Bus.Length] == '/')) return false;
        return Name is null || (Name.AsSpan().ContainsAny('*', '?') ? FileSystemName.MatchesSimpleExpression(Name, name) : name.StartsWith(Name, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>
/// Somebody's look at the signals that are captured for an assignment now: first the last value of each, then of those that have come since. What
/// came in between is passed over, so that who is slow sees less and holds up nobody. One look at a time.
/// </summary>
/// <param name="recorder">Of the assignment.</param>
/// <param name="pipeline">What captures now; null for nothing.</param>
/// <param name="clock">The device's clock.</param>
/// <param name="filter">Which signals.</param>
internal sealed class SignalView(Recorder recorder, Func<Pipeline?> pipeline, WallClock clock, SignalFilter filter)
{
    private readonly List<LatestValue> _news = [];
    private long _seen;
    private int _next;

    /// <summary>Takes what has come since the last look.</summary>
    public void Look()
    {
        _news.Clear();
        _next = 0;
        _seen = recorder.Latest.Read(_seen, _news);
    }

    /// <summary>Writes an array of {"name", "unit"?, "value", "label"?, "time"} of what was taken and is not written yet; a value that is no number is null.</summary>
    /// <returns>How many there are in it, at most <paramref name="most"/>; 0 when all is written.</returns>
    public int Write(Utf8JsonWriter json, int most = int.MaxValue)
    {
        var signals = pipeline()?.Signals;
        long offset = clock.OffsetNs();
        int count = 0;
        json.WriteStartArray();
        while (_next < _news.Count && count < most)
        {
            var latest = _news[_next++];
            var signal = recorder.Catalog[latest.Signal];
            // The catalog still has those of earlier configurations.
            if (signals?.Contains(latest.Signal) != true || !filter.Matches(signal.Name)) continue;
            Write(json, signal, latest, signals.LabelOf(latest.Signal, latest.Value), offset);
            count++;
        }
        json.WriteEndArray();
        return count;
    }

    private static void Write(Utf8JsonWriter json, SignalDescription signal, LatestValue latest, string? label, long offset)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, signal.Name);
        if (signal.Unit is { } unit) json.WriteString("unit"u8, unit);
        json.WritePropertyName("value"u8);
        Span<byte> number = stackalloc byte[SenMlNumber.MaxLength];
        if (double.IsFinite(latest.Value)) json.WriteRawValue(SenMlNumber.Format(number, latest.Value, signal.Scaling), skipInputValidation: true);
        else json.WriteNullValue();
        if (label is not null) json.WriteString("label"u8, label);
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        json.WriteString("time"u8, time[..Rfc3339.Format(time, latest.TimeNs + offset)]);
        json.WriteEndObject();
    }
}
