namespace EdgeAgent.Cli.Fleet;

/// <summary>One value of a metric.</summary>
/// <param name="Value">What.</param>
/// <param name="Labels">Names and values beside <c>tenant</c> and <c>device</c>.</param>
internal readonly record struct MetricSample(double Value, params (string Name, string Value)[] Labels);

/// <summary>A metric of devices.</summary>
/// <param name="Name">With the unit, as Prometheus wants it; a counter's ends with <c>_total</c>.</param>
/// <param name="Help">One line.</param>
/// <param name="Samples">What a device contributes.</param>
internal sealed record MetricFamily(string Name, string Help, Func<FleetRow, IEnumerable<MetricSample>> Samples)
{
    public string Type => Name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge";

    /// <summary>A metric with one value a device; null is none.</summary>
    public static MetricFamily One(string name, string help, Func<FleetRow, double?> value) => new(name, help, row => value(row) is { } number ? [new(number)] : []);
}
