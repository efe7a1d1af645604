using System.Globalization;
using System.Text;
using EdgeAgent.Can.J1939;
using EdgeAgent.Capture;

namespace EdgeAgent.Cli.J1939;

/// <summary>A line a message for people: <c>2026-05-04T08:00:00Z can0 65226 DM1 0→all 40FF5B000301FFFF  MIL on  SPN 91 FMI 3 (1)</c>.</summary>
internal sealed class J1939TextWriter(Stream output, SpnConversion older) : IJ1939Writer
{
    private readonly StreamWriter _output = new(output, new UTF8Encoding(false), 64 * 1024);

    public void Write(long timestampNs, string bus, in HeardMessage message)
    {
        Span<char> time = stackalloc char[Rfc3339.MaxLength];
        var id = message.Id;
        _output.Write(time[..Rfc3339.Format(time, timestampNs)]);
        _output.Write($" {bus} {id.Group}");
        if (J1939Words.NameOf(id.Group) is { } name) _output.Write($" {name}");
        string destination = id.Destination == J1939Address.Global ? "all" : id.Destination.ToString(CultureInfo.InvariantCulture);
        _output.Write($" {id.Source}→{destination} {Convert.ToHexString(message.Data)}");
        if (message.Failed is { } failed) _output.Write($"  a message broke off: {J1939Words.Of(failed)}");
        else WriteMeaning(message);
        _output.WriteLine();
    }

    public void Flush() => _output.Flush();

    public void Dispose() => _output.Dispose();

    private void WriteMeaning(in HeardMessage message)
    {
        var group = message.Id.Group;
        if (J1939Words.IsDiagnostic(group) && DiagnosticMessage.TryRead(message.Data, out var diagnosis, older))
        {
            WriteLamp("MIL", diagnosis.MalfunctionIndicator);
            WriteLamp("red stop", diagnosis.RedStop);
            WriteLamp("amber warning", diagnosis.AmberWarning);
            WriteLamp("protect", diagnosis.Protect);
            WriteCodes(diagnosis);
        }
        else if (group == ParameterGroupNumber.Request && J1939Request.TryRead(message.Data, out var asked))
        {
            _output.Write($"  for {asked}");
            if (J1939Words.NameOf(asked) is { } name) _output.Write($" {name}");
        }
        else if (group == ParameterGroupNumber.Acknowledgment && J1939Acknowledgment.TryRead(message.Data, out var word))
        {
            _output.Write($"  {J1939Words.Of(word.Kind)} of {word.Group} to {word.Address}");
        }
        else if (message.Claim != AddressClaim.None && J1939Name.TryRead(message.Data, out var controller))
        {
            _output.Write($"  {J1939Words.Of(message.Claim)}: {controller}, manufacturer {controller.ManufacturerCode}, function {controller.Function}");
        }
    }

    // What is off or missing is not worth a word.
    private void WriteLamp(string name, LampState lamp)
    {
        if (lamp.Status is LampStatus.Off or LampStatus.NotAvailable) return;
        _output.Write($"  {name} {J1939Words.Of(lamp.Status)}");
        if (lamp.Flash is LampFlash.Slow or LampFlash.Fast) _output.Write($", flashing {(lamp.Flash == LampFlash.Slow ? "slowly" : "fast")}");
    }

    private void WriteCodes(in DiagnosticMessage diagnosis)
    {
        bool hasCode = false;
        for (int place = 0; place < diagnosis.Places; place++)
        {
            var code = diagnosis[place];
            if (code.IsEmpty) continue;
            hasCode = true;
            _output.Write($"  {code}");
            if (code.KnownCount is { } count) _output.Write($" ({count})");
            if (code.Conversion != SpnConversion.Version4) _output.Write($" [conversion {(int)code.Conversion}?]");
        }
        if (!hasCode) _output.Write("  no trouble codes");
    }
}
