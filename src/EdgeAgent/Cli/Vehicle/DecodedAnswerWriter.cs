using System.Globalization;
using System.Text.Json;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Cli.Vehicle;

/// <summary>
/// Writes decoded answers: one JSON object each, <c>{"signals":{"ID":12.5,"ID2":"ON"},"texts"?:{…},"unavailable"?:["ID3"],"damaged"?:true}</c> or
/// <c>{"error":"…"}</c>, or a table for people.
/// </summary>
internal sealed class DecodedAnswerWriter : IDisposable
{
    private readonly JsonLines _lines;
    private readonly bool _isJson;
    private readonly Utf8JsonWriter _json;

    public DecodedAnswerWriter(Stream output, bool isJson)
    {
        _lines = new JsonLines(output);
        _isJson = isJson;
        _json = _lines.Writer;
    }

    public void Write(DecodedAnswer answer)
    {
        if (_isJson) WriteJson(answer);
        else WriteTable(answer);
    }

    /// <summary>In place of an answer that cannot be decoded.</summary>
    public void WriteError(string problem)
    {
        if (_isJson)
        {
            _json.WriteStartObject();
            _json.WriteString("error"u8, problem);
            _lines.End();
        }
        else
        {
            _lines.WriteLine($"error: {problem}");
        }
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();

    private void WriteJson(DecodedAnswer answer)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("signals"u8);
        foreach (var signal in answer.Signals)
        {
            if (signal.Reading.State == SignalState.Number) _json.WriteNumber(signal.Id, signal.Reading.Number);
            else if (signal.Reading.State == SignalState.Label) _json.WriteString(signal.Id, signal.Reading.Label);
        }
        _json.WriteEndObject();
        if (answer.Signals.Any(signal => signal.Text is not null))
        {
            _json.WriteStartObject("texts"u8);
            foreach (var signal in answer.Signals)
            {
                if (signal.Text is { } text) _json.WriteString(signal.Id, text);
            }
            _json.WriteEndObject();
        }
        if (answer.Signals.Any(signal => signal.Reading.State == SignalState.Unavailable))
        {
            _json.WriteStartArray("unavailable"u8);
            foreach (var signal in answer.Signals)
            {
                if (signal.Reading.State == SignalState.Unavailable) _json.WriteStringValue(signal.Id);
            }
            _json.WriteEndArray();
        }
        if (!answer.IsIntact) _json.WriteBoolean("damaged"u8, true);
        _lines.End();
    }

    private void WriteTable(DecodedAnswer answer)
    {
        if (!answer.IsIntact) _lines.WriteLine("frames of this answer are missing; some of the values are wrong");
        int width = answer.Signals.Count == 0 ? 0 : Math.Min(40, answer.Signals.Max(signal => signal.Id.Length));
        foreach (var signal in answer.Signals) _lines.WriteLine($"{signal.Id.PadRight(width)}  {ValueOf(signal),-14}  {signal.Signal?.Name}".TrimEnd());
    }

    private static string ValueOf(DecodedSignal signal)
    {
        string unit = signal.Signal?.Format.Unit?.Symbol is { } symbol ? $" {symbol}" : "";
        return signal.Reading.State switch
        {
            SignalState.Label => signal.Reading.Label!,
            SignalState.Number => signal.Text ?? string.Create(CultureInfo.InvariantCulture, $"{signal.Reading.Number:0.######}{unit}"),
            _ => "-",
        };
    }
}
