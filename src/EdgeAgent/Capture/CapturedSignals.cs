using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Capture;

/// <summary>The signals of one pipeline by their numbers in the catalog, and what values of them are called. Immutable.</summary>
internal sealed class CapturedSignals
{
    private readonly Dictionary<int, Func<double, string?>> _signals = [];

    /// <summary>Of the frames of a source.</summary>
    /// <param name="source">Where they come from.</param>
    /// <param name="indexes">The numbers of its signals.</param>
    public void Add(CaptureSource source, int[] indexes)
    {
        for (int i = 0; i < indexes.Length; i++)
        {
            var signal = source.Plan.Signals[i].Signal;
            var scaling = source.Signals[i].Scaling;
            _signals[indexes[i]] = value => LabelOf(signal, scaling, value);
        }
    }

    /// <summary>Of what ECUs are asked for.</summary>
    public void Add(BusName bus, ObdPollPlan plan, int[] indexes)
    {
        int next = 0;
        foreach (var query in plan.Queries)
        {
            int count = query.SignalsOf(bus).Count;
            for (int i = 0; i < count; i++)
            {
                int signal = i;
                _signals[indexes[next++]] = value => query.LabelOf(signal, value);
            }
        }
    }

    public bool Contains(int signal) => _signals.ContainsKey(signal);

    /// <summary>The text of the DBC file's or signalset's value table; null if it has none.</summary>
    public string? LabelOf(int signal, double value) => _signals.TryGetValue(signal, out var label) ? label(value) : null;

    private static string? LabelOf(DbcSignal signal, SignalScaling? scaling, double value)
    {
        if (signal.Labels.Count == 0) return null;
        if (scaling is { } numbers) return numbers.TryGetRaw(value, out long raw) && signal.TryGetLabel(raw, out string? text) ? text : null;
        return Math.Abs(value) < 1e15 && signal.TryGetLabel((Int128)value, out string? ofFloat) ? ofFloat : null;
    }
}
