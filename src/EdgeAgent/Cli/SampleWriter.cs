using System.Globalization;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary>
/// Prints decoded payloads, for programs one object a sample and line,
/// <c>{"tenant":"acme","device":"dongle-1","epoch":1,"boot":"…","sequence":17,"time":"…","name":"can0/Engine/Speed","unit":"1/min","value":812.5}</c>,
/// and for people a line, <c>2026-05-04T08:00:00.010Z acme/dongle-1 17 can0/Engine/Speed=812.5 1/min</c>. A message is printed as the JSON that it is.
/// </summary>
internal sealed class SampleWriter : IDisposable
{
    private readonly JsonLines _lines;
    private readonly bool _isJson;
    private readonly Utf8JsonWriter _json;

    public SampleWriter(Stream output, bool isJson)
    {
        _lines = new JsonLines(output);
        _isJson = isJson;
        _json = _lines.Writer;
    }

    /// <param name="decoded">What to print.</param>
    /// <param name="payload">From what it was decoded.</param>
    public void Write(DecodedPayload decoded, ReadOnlyMemory<byte> payload)
    {
        if (decoded.Stream == RecordStream.Messages) WriteMessage(payload);
        foreach (var sample in decoded.Samples)
        {
            if (_isJson) WriteObject(decoded, sample);
            else WriteText(decoded, sample);
        }
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();

    /// <summary>On one line, however it came.</summary>
    private void WriteMessage(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        document.RootElement.WriteTo(_json);
        _lines.EndLine();
    }

    private void WriteObject(DecodedPayload decoded, in DecodedSample sample)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        _json.WriteStartObject();
        _json.WriteString("tenant"u8, decoded.Stamp.Tenant.ToString());
        _json.WriteString("device"u8, decoded.Stamp.Device.ToString());
        _json.WriteNumber("epoch"u8, decoded.Stamp.Epoch.Value);
        _json.WriteString("boot"u8, decoded.Stamp.Boot.Value);
        _json.WriteNumber("sequence"u8, sample.Sequence);
        if (IsWallTime(decoded, sample)) _json.WriteString("time"u8, time[..Rfc3339.Format(time, sample.TimeNs)]);
        else if (decoded.TimeReference == TimeReference.Publishing) _json.WriteNumber("secondsBeforePublishing"u8, -sample.TimeNs / 1e9m);
        _json.WriteString("name"u8, sample.Name);
        if (sample.Unit is { } unit) _json.WriteString("unit"u8, unit);
        if (double.IsFinite(sample.Value)) _json.WriteNumber("value"u8, sample.Value);
        else _json.WriteNull("value"u8);
        _lines.End();
    }

    private void WriteText(DecodedPayload decoded, in DecodedSample sample)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        string when = IsWallTime(decoded, sample) ? time[..Rfc3339.Format(time, sample.TimeNs)].ToString()
            : decoded.TimeReference == TimeReference.Publishing ? string.Create(CultureInfo.InvariantCulture, $"{sample.TimeNs / 1e9m}s")
            : "-";
        string unit = sample.Unit is null ? "" : " " + sample.Unit;
        _lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{when} {decoded.Stamp.Tenant}/{decoded.Stamp.Device} {sample.Sequence} {sample.Name}={sample.Value:R}{unit}"));
    }

    /// <summary>A payload may claim times before 1970 for later samples.</summary>
    private static bool IsWallTime(DecodedPayload decoded, in DecodedSample sample) => decoded.TimeReference == TimeReference.Unix && sample.TimeNs >= 0;
}
