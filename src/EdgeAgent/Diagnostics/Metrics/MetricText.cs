using System.Globalization;
using System.Text;

namespace EdgeAgent.Diagnostics.Metrics;

/// <summary>Writes metrics for Prometheus (text format 0.0.4).</summary>
internal sealed class MetricText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>A family, unless it has no samples.</summary>
    /// <param name="family">What.</param>
    /// <param name="all">Of whom.</param>
    /// <param name="labels">The labels that say whose a sample is.</param>
    public void Write<T>(MetricFamily<T> family, IEnumerable<T> all, Func<T, (string Name, string Value)[]> labels)
    {
        bool isFirst = true;
        foreach (var one in all)
        {
            foreach (var sample in family.Samples(one))
            {
                if (isFirst) _text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help).Append("\n# TYPE ").Append(family.Name).Append(' ').Append(family.Type).Append('\n');
                isFirst = false;
                _text.Append(family.Name).Append('{').AppendJoin(',', labels(one).Concat(sample.Labels).Select(Label)).Append("} ")
                    .Append(sample.Value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }
    }

    public override string ToString() => _text.ToString();

    private static string Label((string Name, string Value) label) =>
        $"{label.Name}=\"{label.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
