using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Cli.Live;

/// <summary>What the agent has shown so far. Any thread.</summary>
internal sealed class LiveModel(TimeProvider time)
{
    /// <summary>For so long a value that has changed stands out.</summary>
    public static readonly TimeSpan ChangedFor = TimeSpan.FromSeconds(1.5);

    /// <summary>More signals than the agent ever has of one configuration are none of its own.</summary>
    private const int MaxSignals = 1 << 16;

    private const int MaxText = 100, MaxNumber = 12;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, LiveSignal> _signals = new(StringComparer.Ordinal);
    private (JsonObject Status, long At)? _status, _before;
    private string? _trouble, _signalsTrouble;

    public void Take(JsonObject status)
    {
        lock (_gate)
        {
            (_before, _status) = (_status, (status, time.GetTimestamp()));
            _trouble = null;
        }
    }

    public void Take(JsonArray signals)
    {
        lock (_gate)
        {
            foreach (var signal in signals)
            {
                if (signal?["name"]?.GetValue<string>() is not { } name || _signals.Count == MaxSignals && !_signals.ContainsKey(name)) continue;
                long now = time.GetTimestamp();
                string value = Number(signal["value"]);
                var before = _signals.GetValueOrDefault(name);
                _signals[name] = new LiveSignal(
                    DeviceText.Clean(name, MaxText), value, Text(signal["unit"]), Text(signal["label"]), now, before is not null && before.Value != value ? now : before?.ChangedAt);
            }
        }
    }

    /// <summary>The agent is away, for this reason.</summary>
    public void Lose(string trouble)
    {
        lock (_gate) _trouble = trouble;
    }

    /// <summary>There are no signals, for this reason; null for none.</summary>
    public void Refuse(string? trouble)
    {
        lock (_gate)
        {
            _signalsTrouble = trouble;
            _signals.Clear();
        }
    }

    public LivePicture Picture()
    {
        lock (_gate)
        {
            return new LivePicture(_status?.Status ?? [], _trouble, _signalsTrouble,
                [.. (_status?.Status["sources"]?.AsArray() ?? []).OfType<JsonObject>().Select(source => (source, Rate(source, "frames"), Rate(source, "samples")))],
                [.. _signals.Values.Select(signal => (signal, time.GetElapsedTime(signal.At), signal.ChangedAt is { } changed && time.GetElapsedTime(changed) < ChangedFor))]);
        }
    }

    /// <summary>A second, by the last two statuses.</summary>
    private double? Rate(JsonObject source, string name)
    {
        if (_before is not { } before || _status is not { } status) return null;
        var same = before.Status["sources"]?.AsArray().FirstOrDefault(other => other?["bus"]?.GetValue<string>() == source["bus"]?.GetValue<string>());
        double seconds = time.GetElapsedTime(before.At, status.At).TotalSeconds;
        return same?[name]?.GetValue<long>() is { } then && source[name]?.GetValue<long>() is { } now && seconds > 0 ? Math.Max(0, now - then) / seconds : null;
    }

    private static string Number(JsonNode? value)
    {
        string text = value?.ToJsonString() ?? "-";
        return text.Length > MaxNumber && double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number.ToString("G6", CultureInfo.InvariantCulture) : text;
    }

    private static string Text(JsonNode? value) => value is null ? "" : DeviceText.Clean(value.ToString(), MaxText);
}

/// <summary>A signal as it came last.</summary>
/// <param name="Name">bus/message/signal.</param>
/// <param name="Value">The number, as short as it has to be.</param>
/// <param name="Unit">Empty for none.</param>
/// <param name="Label">Empty for none.</param>
/// <param name="At">When it came.</param>
/// <param name="ChangedAt">When it came with another value than before; null if it never has.</param>
internal sealed record LiveSignal(string Name, string Value, string Unit, string Label, long At, long? ChangedAt);

/// <summary>Everything at one moment.</summary>
/// <param name="Status">The agent's; empty before the first.</param>
/// <param name="Trouble">Why it is old; null if it is not.</param>
/// <param name="SignalsTrouble">Why there are no signals; null if there may be some.</param>
/// <param name="Sources">Each with its frames and samples a second.</param>
/// <param name="Signals">By name, with how long ago it came and whether its value has just changed.</param>
internal sealed record LivePicture(
    JsonObject Status, string? Trouble, string? SignalsTrouble, IReadOnlyList<(JsonObject Source, double? Frames, double? Samples)> Sources,
    IReadOnlyList<(LiveSignal Signal, TimeSpan Age, bool IsChanged)> Signals);
