using System.Text.RegularExpressions;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>The requests that a vehicle answers and the signals in its answers: a file of OBDb's signalset format, version 3. Immutable.</summary>
public sealed record Signalset
{
    /// <summary>The file, or null for a text without one.</summary>
    public string? FileName { get; init; }

    /// <summary><c>diagnosticLevel</c>: the diagnostic session that the vehicle's ECUs have to be in; null for any.</summary>
    public byte? DiagnosticLevel { get; init; }

    /// <summary>In the order of the file.</summary>
    public required IReadOnlyList<SignalsetCommand> Commands { get; init; }

    /// <summary>Signals that belong together.</summary>
    public IReadOnlyList<SignalGroup> Groups { get; init; } = [];

    /// <summary>Signals that are computed from others.</summary>
    public IReadOnlyList<SyntheticSignal> Synthetics { get; init; } = [];

    /// <summary>What is odd and does no harm: unknown members and units, for the most part. At most <see cref="SignalsetLimits.Mistakes"/>.</summary>
    public IReadOnlyList<SignalsetMistake> Warnings { get; init; } = [];

    /// <summary>True if all of it is legislated service 01, as in the set that is added to each vehicle's.</summary>
    public bool IsStandard => Commands.Count > 0 && Commands.All(command => command.Request.Span[0] == ObdService.CurrentData);

    /// <summary>Reads a file.</summary>
    /// <exception cref="SignalsetException">It is no signalset.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Signalset Load(string path)
    {
        using var file = File.OpenRead(path);
        // It may be a pipe, which has no length.
        using var content = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        for (int read; content.Length <= SignalsetLimits.FileBytes && (read = file.Read(part)) > 0;) content.Write(part, 0, read);
        return Parse(content.GetBuffer().AsMemory(0, (int)content.Length), path);
    }

    /// <summary>Reads what a file holds.</summary>
    /// <param name="utf8">JSON.</param>
    /// <param name="fileName">What messages call it.</param>
    /// <exception cref="SignalsetException">It is no signalset.</exception>
    public static Signalset Parse(ReadOnlyMemory<byte> utf8, string? fileName = null) => SignalsetReader.Read(utf8, fileName);
}

/// <summary>Signals that belong together, such as the voltages of all cells.</summary>
/// <param name="Id">Unique in the set.</param>
/// <param name="Pattern">Matches the ids of its signals as a whole.</param>
public sealed record SignalGroup(string Id, Regex Pattern)
{
    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>Where people look for it.</summary>
    public string? Path { get; init; }

    /// <summary>What of a vehicle it is in the words of the format: <c>batteryModulesVoltage</c>.</summary>
    public string? SuggestedMetricGroup { get; init; }

    /// <summary>Whether a signal belongs to it. False if the pattern takes longer than <see cref="SignalsetLimits.PatternTime"/> over it.</summary>
    public bool Contains(string signalId)
    {
        try
        {
            var match = Pattern.Match(signalId);
            return match.Success && match.Length == signalId.Length;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}

/// <summary>A signal that is computed: the ratio of two others.</summary>
/// <param name="Id">Unique in a vehicle.</param>
/// <param name="Numerator">The id of the signal that is divided.</param>
/// <param name="Denominator">The id of the signal to divide by.</param>
public sealed record SyntheticSignal(string Id, string Numerator, string Denominator)
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Where people look for it.</summary>
    public string? Path { get; init; }

    /// <summary>No value is less, unless <see cref="Maximum"/> is not greater.</summary>
    public double Minimum { get; init; }

    /// <summary>No value is greater.</summary>
    public required double Maximum { get; init; }

    /// <summary>The value's unit.</summary>
    public required SignalUnit Unit { get; init; }

    /// <summary>What of a vehicle it is in the words of the format.</summary>
    public string? SuggestedMetric { get; init; }

    /// <summary>The value. False if it is not finite.</summary>
    public bool TryCompute(double numerator, double denominator, out double value)
    {
        value = numerator / denominator;
        if (!double.IsFinite(value)) return false;
        if (Maximum > Minimum) value = Math.Clamp(value, Minimum, Maximum);
        return true;
    }
}
