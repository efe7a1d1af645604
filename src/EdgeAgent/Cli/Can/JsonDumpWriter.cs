using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.Errors;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli.Can;

/// <summary>
/// An object a frame: <c>{"time":"…","bus":"can0","id":291,"extended":false,"data":"112233"}</c>; with <c>fd</c>, <c>bitRateSwitch</c>, <c>errorState</c>, <c>remote</c>
/// where they are true, <c>error</c> for an error frame, and <c>message</c>, <c>signals</c> and <c>labels</c> where a DBC file knows it.
/// </summary>
internal sealed class JsonDumpWriter : IDumpWriter
{
    private readonly LineBuffer _lines;
    private readonly DecodePlan? _plan;
    private readonly SignalValue[] _values;
    private readonly ArrayBufferWriter<byte> _object = new(4096);
    private readonly Utf8JsonWriter _json;

    public JsonDumpWriter(LineBuffer lines, DecodePlan? plan)
    {
        (_lines, _plan) = (lines, plan);
        _values = new SignalValue[Math.Max(1, plan?.MaxSignalsPerFrame ?? 0)];
        _json = new Utf8JsonWriter(_object, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    public void Write(long timestampNs, string bus, in CanFrame frame)
    {
        Span<char> text = stackalloc char[Math.Max(Rfc3339.MaxLength, 2 * CanFrame.MaxLength)];
        _json.WriteStartObject();
        _json.WriteString("time"u8, text[..Rfc3339.Format(text, timestampNs)]);
        _json.WriteString("bus"u8, bus);
        if (!frame.IsError)
        {
            _json.WriteNumber("id"u8, frame.Id.Value);
            _json.WriteBoolean("extended"u8, frame.Id.IsExtended);
        }
        if (frame.IsFd) _json.WriteBoolean("fd"u8, true);
        if (frame.BitRateSwitch) _json.WriteBoolean("bitRateSwitch"u8, true);
        if (frame.ErrorState) _json.WriteBoolean("errorState"u8, true);
        if (frame.IsRemote)
        {
            _json.WriteBoolean("remote"u8, true);
            _json.WriteNumber("length"u8, frame.Length);
        }
        else
        {
            _ = Convert.TryToHexString(frame.Payload, text, out int length);
            _json.WriteString("data"u8, text[..length]);
        }
        if (frame.IsError) WriteError(CanErrorFrame.Read(frame));
        else if (_plan is not null) WriteMeaning(frame);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _lines.Put(_object.WrittenSpan);
        _object.ResetWrittenCount();
        _lines.EndLine();
    }

    public void Dispose() => _json.Dispose();

    private void WriteError(in CanErrorFrame error)
    {
        _json.WriteStartObject("error"u8);
        _json.WriteStartArray("classes"u8);
        for (int bit = 0; bit < CanErrorText.ClassNames.Count; bit++)
        {
            if (error.Has((CanErrorClasses)(1 << bit))) _json.WriteStringValue(CanErrorText.ClassNames[bit]);
        }
        _json.WriteEndArray();
        if (error.State is { } state) _json.WriteString("state"u8, CanErrorText.NameOf(state));
        if (error.SendErrorCounter is { } sending) _json.WriteNumber("sendErrorCounter"u8, sending);
        if (error.ReceiveErrorCounter is { } receiving) _json.WriteNumber("receiveErrorCounter"u8, receiving);
        Span<byte> words = stackalloc byte[CanErrorText.MaxLength];
        _json.WriteString("text"u8, words[..CanErrorText.Write(words, error)]);
        _json.WriteEndObject();
    }

    private void WriteMeaning(in CanFrame frame)
    {
        var status = _plan!.Decode(frame, _values, out int count);
        if (status is DecodeStatus.UnknownId or DecodeStatus.NoData || !_plan.TryGetMessage(frame.Id, out var message)) return;
        _json.WriteString("message"u8, message.Name);
        SignalJson.Write(_json, _plan, _values.AsSpan(0, count));
        if (status == DecodeStatus.Truncated) _json.WriteBoolean("truncated"u8, true);
    }
}
