using System.Globalization;
using System.Text.Json;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>The decoded signals of a frame as members of an object: <c>"signals":{"Sig":12.5},"labels":{"Sig":"On"}</c>.</summary>
internal static class SignalJson
{
    public static void Write(Utf8JsonWriter json, DecodePlan plan, ReadOnlySpan<SignalValue> values)
    {
        json.WriteStartObject("signals"u8);
        foreach (var value in values)
        {
            var signal = plan.Signals[value.Slot].Signal;
            json.WritePropertyName(signal.Name);
            WriteNumber(json, signal, value);
        }
        json.WriteEndObject();
        WriteLabels(json, plan, values);
    }

    public static void WriteLabels(Utf8JsonWriter json, DecodePlan plan, ReadOnlySpan<SignalValue> values)
    {
        json.WriteStartObject("labels"u8);
        foreach (var value in values)
        {
            var signal = plan.Signals[value.Slot].Signal;
            if (signal.TryGetLabel(value, out string? label)) json.WriteString(signal.Name, label);
        }
        json.WriteEndObject();
    }

    /// <summary>Integers exactly, whatever their size; other numbers in the shortest form that reads back the same; not-finite ones as null.</summary>
    public static void WriteNumber(Utf8JsonWriter json, DbcSignal signal, SignalValue value)
    {
        if (signal.TryGetExactInteger(value, out var exact))
        {
            Span<char> digits = stackalloc char[48];
            _ = exact.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
            json.WriteRawValue(digits[..length], skipInputValidation: true);
        }
        else if (double.IsFinite(value.Value))
        {
            json.WriteNumberValue(value.Value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
