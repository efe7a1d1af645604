using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns what is said about an adapter on a serial port into checked options.</summary>
internal sealed class SerialValidator(Findings findings)
{
    private const string Devices = "/dev/";

    private const int LongestPort = 128;

    private static readonly (string Name, ElmProtocol Protocol)[] Protocols =
    [
        ("automatic", ElmProtocol.Automatic), ("j1850-pwm", ElmProtocol.J1850Pwm), ("j1850-vpw", ElmProtocol.J1850Vpw), ("iso-9141-2", ElmProtocol.Iso9141),
        ("kwp-slow", ElmProtocol.KwpSlow), ("kwp-fast", ElmProtocol.KwpFast), ("can-11-bit-500k", ElmProtocol.Can11At500), ("can-29-bit-500k", ElmProtocol.Can29At500),
        ("can-11-bit-250k", ElmProtocol.Can11At250), ("can-29-bit-250k", ElmProtocol.Can29At250),
    ];

    /// <returns>Null if the source is no adapter, or cannot be one.</returns>
    public SerialConfiguration? Validate(string at, SourceDocument document)
    {
        if (document.Serial is not { } port)
        {
            if (document.Baud is not null) findings.Add($"{at}/baud", "only with 'serial'");
            if (document.Protocol is not null) findings.Add($"{at}/protocol", "only with 'serial'");
            return null;
        }
        if (document.Dbc is not null) findings.Add($"{at}/dbc", "not with 'serial': an adapter brings answers and no frames");
        if (document.Signals is not null) findings.Add($"{at}/signals", "not with 'serial': an adapter brings answers and no frames");
        if (document.Obd?.Addressing is not null) findings.Add($"{at}/obd/addressing", "not with 'serial': 'protocol' says it");
        if (document.Obd?.Signalsets is not null) findings.Add($"{at}/obd/signalsets", "not with 'serial': they need a CAN interface");
        findings.Check(IsPort(port), $"{at}/serial", $"'{port}' is no serial port: expected a file below {Devices}, such as /dev/ttyUSB0");
        int baud = (int)findings.Number($"{at}/baud", document.Baud, ElmOptions.DefaultBaud, ElmOptions.LowestBaud, ElmOptions.HighestBaud);
        var protocol = new ElmOptions().Protocol;
        if (document.Protocol is { } name)
        {
            int index = Array.FindIndex(Protocols, each => each.Name == name);
            if (findings.Check(index >= 0, $"{at}/protocol", $"'{name}' is no protocol: expected one of {string.Join(", ", Protocols.Select(each => each.Name))}")) protocol = Protocols[index].Protocol;
        }
        return new SerialConfiguration(port, new ElmOptions { Baud = baud, Protocol = protocol });
    }

    private static bool IsPort(string port) =>
        port.StartsWith(Devices, StringComparison.Ordinal) && port.Length is > 5 and <= LongestPort
        && port[Devices.Length..].Split('/').All(step => step is not ("" or "." or "..") && step.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' or '+'));
}
