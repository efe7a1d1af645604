using System.Globalization;
using System.Text.Json;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>Commands and their ids.</summary>
internal sealed partial class SignalsetReader
{
    private const int MaxRequestBytes = 8;

    private SignalsetCommand? ReadCommand(JsonElement element, string pointer)
    {
        var members = new SignalsetMembers(element, pointer, _findings,
            "hdr", "rax", "eax", "pri", "tst", "tmo", "fcm1", "dbg", "din", "dout", "cmd", "freq", "proto", "filter", "dbgfilter", "signals");
        if (!members.IsObject) return null;
        string? header = members.Digits("hdr", 3, 4, isRequired: true), receive = members.Digits("rax", 2, 8);
        byte[]? request = ReadRequest(members);
        var signals = ReadSignals(members);
        var seconds = members.Number("freq", isRequired: true);
        if (seconds is <= 0 or > 1e6) members.Mistake("freq", "expected seconds, more than 0");
        var filter = ReadFilter(members, "filter");
        if (header is null || request is null || seconds is null or <= 0 or > 1e6) return null;
        var protocol = ReadProtocol(members, header);
        if (protocol == SignalsetProtocol.Can11Bit && receive is { Length: < 8 } && Convert.ToUInt32(receive, 16) > 0x7FF) members.Warn("rax", "more than 11 bits, which is what hdr has; the lowest 11 count");
        if (protocol == SignalsetProtocol.Can11Bit && Convert.ToUInt32(header, 16) > 0x7FF) members.Mistake("hdr", "more than 11 bits");
        var command = new SignalsetCommand
        {
            Id = "",
            Header = header,
            Receive = receive,
            ExtendedAddress = members.Byte("eax"),
            Priority = members.Byte("pri"),
            TesterAddress = members.Byte("tst"),
            Timeout = members.Byte("tmo"),
            NeedsFlowControl = members.Flag("fcm1"),
            IsDebug = members.Flag("dbg"),
            Session = members.Byte("din"),
            SessionAfterwards = members.Byte("dout"),
            Request = request,
            Interval = TimeSpan.FromSeconds(seconds.Value),
            Protocol = protocol,
            Filter = filter,
            DebugFilter = ReadFilter(members, "dbgfilter"),
            Signals = signals,
        };
        return command with { Id = IdOf(command) };
    }

    /// <summary>One service with its parameter: <c>{"22": "F190"}</c>. The format has 01, 21 and 22; others are read in the same way.</summary>
    private byte[]? ReadRequest(SignalsetMembers members)
    {
        if (members.Object("cmd", isRequired: true) is not { } element) return null;
        var command = new SignalsetMembers(element, members.PointerOf("cmd"), _findings);
        if (command.Names.ToArray() is not [string service] || service.Length != 2 || !service.All(char.IsAsciiHexDigit))
        {
            members.Mistake("cmd", "expected one member, named as the service in two hexadecimal digits");
            return null;
        }
        byte id = Convert.ToByte(service, 16);
        if (id is 0 or > 0x3E) command.Mistake(service, "no service that is answered");
        int digits = id == 0x22 ? 4 : 2;
        // Older files have the parameter as a number.
        string? parameter = command.Find(service) is { ValueKind: JsonValueKind.Number }
            ? command.Integer(service, 0, digits == 4 ? 0xFFFF : 0xFF)?.ToString($"X{digits}", CultureInfo.InvariantCulture)
            : id is 0x01 or 0x21 or 0x22 ? command.Digits(service, digits, digits, isRequired: true) : command.Digits(service, 0, (MaxRequestBytes - 1) * 2, isRequired: true);
        if (parameter is null) return null;
        if (parameter.Length % 2 == 0) return [id, .. Convert.FromHexString(parameter)];
        command.Mistake(service, "expected pairs of hexadecimal digits");
        return null;
    }

    private static SignalsetProtocol ReadProtocol(SignalsetMembers members, string header)
    {
        var byHeader = header == "686A" ? SignalsetProtocol.KLine : header.Length == 3 ? SignalsetProtocol.Can11Bit : SignalsetProtocol.Can29Bit;
        switch (members.Text("proto"))
        {
            case null: return byHeader;
            case "9141-2": return SignalsetProtocol.KLine;
            case "15765-4-11bit" when byHeader == SignalsetProtocol.Can11Bit: return byHeader;
            case "15765-4-29bit" when byHeader == SignalsetProtocol.Can29Bit: return byHeader;
            case "15765-4-11bit" or "15765-4-29bit":
                members.Warn("proto", "hdr has another number of bits, and counts");
                return byHeader;
            case string other:
                members.Warn("proto", $"'{other}' is no protocol of the format; hdr counts");
                return byHeader;
        }
    }

    private ModelYearFilter? ReadFilter(SignalsetMembers members, string name)
    {
        if (members.Object(name) is not { } element) return null;
        var filter = new SignalsetMembers(element, members.PointerOf(name), _findings, "from", "to", "years");
        List<int> years = [];
        foreach (var (year, pointer) in filter.Array("years", 0, SignalsetLimits.FilterYears))
        {
            if (year.ValueKind == JsonValueKind.Number && year.TryGetInt32(out int number) && number is >= 0 and <= 9999) years.Add(number);
            else _findings.Mistake(pointer, "expected a model year");
        }
        return new ModelYearFilter(filter.Integer("from", 0, 9999), filter.Integer("to", 0, 9999), years);
    }

    private static string IdOf(SignalsetCommand command)
    {
        List<string> options = [];
        void Add(string name, byte? value)
        {
            if (value is { } given && given != 0) options.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={given:X2}"));
        }
        Add("t", command.Timeout);
        Add("e", command.ExtendedAddress);
        Add("ta", command.TesterAddress);
        if (command.NeedsFlowControl) options.Add("fc=1");
        if (command.Protocol == SignalsetProtocol.KLine) options.Add("p=9141-2");
        Add("c", command.Priority);
        if (command.Filter is { } filter) options.Add($"f={filter}");
        string receive = command.Receive is { } from ? $".{from}" : "";
        string properties = options.Count > 0 ? $"|{string.Join(',', options)}" : "";
        return $"{command.Header}{receive}.{Convert.ToHexString(command.Request.Span)}{properties}";
    }
}
