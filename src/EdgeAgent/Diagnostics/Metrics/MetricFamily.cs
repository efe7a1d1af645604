namespace EdgeAgent.Diagnostics.Metrics;

/// <summary>One value of a metric.</summary>
/// <param name="Value">What.</param>
/// <param name="Labels">Names and values beside those that say whose it is.</param>
internal readonly record struct MetricSample(double Value, params (string Name, string Value)[] Labels);

/// <summary>A metric of whatever there are several of.</summary>
/// <param name="Name">With the unit, as Prometheus wants it; a counter's ends with <c>_total</c>.</param>
/// <param name="Help">One line.</param>
/// <param name="Samples">What one of them contributes.</param>
internal sealed record MetricFamily<T>(string Name, string Help, Func<T, IEnumerable<MetricSample>> Samples)
{
    public string Type => Name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge";

    /// <summary>A metric with one value each; null is none.</summary>
    public static MetricFamily<T> One(string name, string help, Func<T, double?> value) => new(name, help, one => value(one) is { } number ? [new(number)] : []);

    /// <summary>The same of something that has one of these; null is none.</summary>
    public MetricFamily<TOwner> In<TOwner>(Func<TOwner, T?> part) => new(Name, Help, owner => part(owner) is { } one ? Samples(one) : []);
}
