using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Demo;

/// <summary>One sample as it should arrive.</summary>
/// <param name="Name"><c>bus/message/signal</c>.</param>
/// <param name="Value">Physical.</param>
/// <param name="TimeUs">When its frame was recorded, in microseconds since 1970-01-01 UTC.</param>
internal readonly record struct ExpectedSample(string Name, double Value, long TimeUs);

/// <summary>The recorded drive, counted and decoded here, apart from the agent: what should come out at the other end, in order.</summary>
internal sealed record Recording
{
    public const string Bus = "can0";

    public static readonly string DbcPath = Path.Combine(AppContext.BaseDirectory, "vehicle.dbc");

    public static readonly string LogPath = Path.Combine(AppContext.BaseDirectory, "drive.log");

    public required int Frames { get; init; }

    /// <summary>Frames that the DBC file does not know.</summary>
    public required int UnknownFrames { get; init; }

    public required IReadOnlyList<ExpectedSample> Samples { get; init; }

    /// <summary>From the first frame to the last.</summary>
    public required TimeSpan Length { get; init; }

    public static Recording Load()
    {
        var plan = DecodePlan.Compile(DbcFile.Load(DbcPath));
        string[] names = [.. plan.Signals.Select(planned => $"{Bus}/{planned.Message.Name}/{planned.Signal.Name}")];
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        List<ExpectedSample> samples = [];
        int frames = 0, unknown = 0;
        long firstNs = 0, lastNs = 0;

        using var stream = File.OpenRead(LogPath);
        var reader = new CandumpReader(stream);
        while (reader.TryRead(out var record))
        {
            if (record.Error is { } error) throw new InvalidDataException($"{LogPath}, line {reader.LineNumber}, column {error.Column}: expected {error.Expected}");
            if (frames++ == 0) firstNs = record.TimestampNs;
            lastNs = record.TimestampNs;
            if (plan.Decode(record.Frame, values, out int count) == DecodeStatus.UnknownId) unknown++;
            foreach (var value in values.AsSpan(0, count)) samples.Add(new ExpectedSample(names[value.Slot], InDecimal(plan.Signals[value.Slot].Signal, value), record.TimestampNs / 1000));
        }
        return new Recording { Frames = frames, UnknownFrames = unknown, Samples = samples, Length = TimeSpan.FromMicroseconds((lastNs - firstNs) / 1000) };
    }

    /// <summary>As the agent's JSON has it: the decimal that factor and offset of the DBC file give. The vehicle has no floats and no large integers.</summary>
    private static double InDecimal(DbcSignal signal, SignalValue value)
    {
        decimal raw = signal.IsSigned ? (long)value.Raw : value.Raw;
        return (double)(raw * (decimal)signal.Scale + (decimal)signal.Offset);
    }
}
