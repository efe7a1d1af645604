using System.Globalization;
using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli;

/// <summary>A line a frame for people: <c>2026-05-04T08:00:00.010Z can0 100 EngineData  EngineSpeed=812.5 rpm  State=1 (Running)</c>.</summary>
internal sealed class TextFrameWriter(Stream output, DecodePlan plan, bool indications = false) : IFrameWriter
{
    private readonly StreamWriter _output = new(output, new UTF8Encoding(false), 64 * 1024);

    public void Write(long timestampNs, string bus, CanId id, DbcMessage message, ReadOnlySpan<SignalValue> values, bool truncated)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        _output.Write(time[..Rfc3339.Format(time, timestampNs)]);
        _output.Write($" {bus} {id} {message.Name}");
        foreach (var value in values)
        {
            var signal = plan.Signals[value.Slot].Signal;
            if (indications && J1939ValueText.Indication(message, signal, value) is { } indication)
            {
                _output.Write($"  {signal.Name}=({indication})");
                continue;
            }
            string number = signal.TryGetExactInteger(value, out var exact)
                ? exact.ToString(CultureInfo.InvariantCulture)
                : value.Value.ToString("R", CultureInfo.InvariantCulture);
            _output.Write($"  {signal.Name}={number}");
            if (signal.Unit is { } unit) _output.Write($" {unit}");
            if (signal.TryGetLabel(value, out string? label)) _output.Write($" ({label})");
        }
        _output.WriteLine(truncated ? "  [truncated]" : "");
    }

    public void Flush() => _output.Flush();

    public void Dispose() => _output.Dispose();
}
