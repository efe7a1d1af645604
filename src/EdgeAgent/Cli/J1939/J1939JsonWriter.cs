using System.Text.Json;
using EdgeAgent.Can.J1939;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli.J1939;

/// <summary>One object a line: <c>{"time":"…","bus":"can0","pgn":65226,"name":"DM1","priority":6,"source":0,"destination":255,"data":"40FF…","lamps":{…},"codes":[…]}</c>.</summary>
internal sealed class J1939JsonWriter : IJ1939Writer
{
    private readonly JsonLines _lines;
    private readonly SpnConversion _older;
    private readonly Utf8JsonWriter _json;

    /// <param name="output">Where the lines go.</param>
    /// <param name="older">How trouble codes of the older kinds are written.</param>
    public J1939JsonWriter(Stream output, SpnConversion older)
    {
        _lines = new JsonLines(output);
        _older = older;
        _json = _lines.Writer;
    }

    public void Write(long timestampNs, string bus, in HeardMessage message)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        var id = message.Id;
        _json.WriteStartObject();
        _json.WriteString("time"u8, time[..Rfc3339.Format(time, timestampNs)]);
        _json.WriteString("bus"u8, bus);
        _json.WriteNumber("pgn"u8, id.Group.Value);
        if (J1939Words.NameOf(id.Group) is { } name) _json.WriteString("name"u8, name);
        _json.WriteNumber("priority"u8, id.Priority);
        _json.WriteNumber("source"u8, id.Source);
        _json.WriteNumber("destination"u8, id.Destination);
        _json.WriteString("data"u8, Convert.ToHexString(message.Data));
        if (message.Failed is { } failed) _json.WriteString("failed"u8, J1939Words.Of(failed));
        else WriteMeaning(message);
        _lines.End();
    }

    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();

    private void WriteMeaning(in HeardMessage message)
    {
        var group = message.Id.Group;
        if (J1939Words.IsDiagnostic(group) && DiagnosticMessage.TryRead(message.Data, out var diagnosis, _older))
        {
            WriteDiagnosis(diagnosis);
        }
        else if (group == ParameterGroupNumber.Request && J1939Request.TryRead(message.Data, out var asked))
        {
            _json.WriteNumber("requested"u8, asked.Value);
        }
        else if (group == ParameterGroupNumber.Acknowledgment && J1939Acknowledgment.TryRead(message.Data, out var word))
        {
            _json.WriteString("acknowledgment"u8, J1939Words.Of(word.Kind));
            _json.WriteNumber("requested"u8, word.Group.Value);
            _json.WriteNumber("address"u8, word.Address);
        }
        else if (message.Claim != AddressClaim.None && J1939Name.TryRead(message.Data, out var name))
        {
            WriteClaim(message.Claim, name);
        }
    }

    private void WriteDiagnosis(in DiagnosticMessage diagnosis)
    {
        _json.WriteStartObject("lamps"u8);
        WriteLamp("malfunctionIndicator"u8, diagnosis.MalfunctionIndicator);
        WriteLamp("redStop"u8, diagnosis.RedStop);
        WriteLamp("amberWarning"u8, diagnosis.AmberWarning);
        WriteLamp("protect"u8, diagnosis.Protect);
        _json.WriteEndObject();
        _json.WriteStartArray("codes"u8);
        for (int place = 0; place < diagnosis.Places; place++)
        {
            var code = diagnosis[place];
            if (code.IsEmpty) continue;
            _json.WriteStartObject();
            _json.WriteNumber("spn"u8, code.SuspectParameterNumber);
            _json.WriteNumber("fmi"u8, code.FailureModeIdentifier);
            if (code.KnownCount is { } count) _json.WriteNumber("count"u8, count);
            else _json.WriteNull("count"u8);
            _json.WriteNumber("conversion"u8, (int)code.Conversion);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
    }

    private void WriteLamp(ReadOnlySpan<byte> name, LampState lamp)
    {
        _json.WriteStartObject(name);
        _json.WriteString("status"u8, J1939Words.Of(lamp.Status));
        _json.WriteString("flash"u8, J1939Words.Of(lamp.Flash));
        _json.WriteEndObject();
    }

    private void WriteClaim(AddressClaim claim, J1939Name name)
    {
        _json.WriteString("claim"u8, J1939Words.Of(claim));
        _json.WriteStartObject("controller"u8);
        _json.WriteString("name"u8, name.ToString());
        _json.WriteNumber("identityNumber"u8, name.IdentityNumber);
        _json.WriteNumber("manufacturerCode"u8, name.ManufacturerCode);
        _json.WriteNumber("ecuInstance"u8, name.EcuInstance);
        _json.WriteNumber("functionInstance"u8, name.FunctionInstance);
        _json.WriteNumber("function"u8, name.Function);
        _json.WriteNumber("vehicleSystem"u8, name.VehicleSystem);
        _json.WriteNumber("vehicleSystemInstance"u8, name.VehicleSystemInstance);
        _json.WriteNumber("industryGroup"u8, name.IndustryGroup);
        _json.WriteBoolean("arbitraryAddressCapable"u8, name.IsArbitraryAddressCapable);
        _json.WriteEndObject();
    }
}
