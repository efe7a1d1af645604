using System.Globalization;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Management.Commands;

/// <summary>What <c>obd.query</c> sends: services of SAE J1979 and ISO 14229-1 that change nothing in the vehicle.</summary>
internal static class ObdQueryRequest
{
    /// <summary>The longest report of service 19: sub-function, code and record.</summary>
    private const int MaxReportBytes = 5;

    /// <param name="mode">One or two hexadecimal digits: 01–03, 05–07, 09, 0A, 19 or 22.</param>
    /// <param name="pid">One or two hexadecimal digits, four with 22, two to ten with 19 (sub-function and parameters); null for modes 03, 07 and 0A, which have none.</param>
    /// <exception cref="ObdException">One of them is wrong.</exception>
    public static byte[] Parse(string mode, string? pid)
    {
        byte service = OneByte(mode, "mode");
        bool isUds = service is UdsService.ReadDtcInformation or UdsService.ReadDataByIdentifier;
        if (!isUds && !ObdService.IsReadOnly(service)) throw Wrong($"mode {mode} is not offered; those that only read are 01, 02, 03, 05, 06, 07, 09, 0A, 19 and 22");
        if ((isUds || ObdService.HasParameter(service)) != pid is not null) throw Wrong(pid is null ? $"mode {mode} needs a pid" : $"mode {mode} has no pid");
        return service switch
        {
            _ when pid is null => [service],
            UdsService.ReadDataByIdentifier => Bytes(pid, 2, 2) is { } identifier ? [service, .. identifier] : throw Wrong($"'{pid}' is no data identifier: four hexadecimal digits are expected"),
            UdsService.ReadDtcInformation => [service, .. Report(pid)],
            ObdService.FreezeFrameData => [service, OneByte(pid, "pid"), 0], // of the first freeze frame
            _ => [service, OneByte(pid, "pid")],
        };
    }

    private static byte[] Report(string text)
    {
        if (Bytes(text, 1, MaxReportBytes) is not { } report)
            throw Wrong($"'{text}' is no report: expected a sub-function and its parameters, two to {2 * MaxReportBytes} hexadecimal digits, such as 02FF");
        return DtcReport.IsKnown(report[0]) ? report : throw Wrong($"sub-function {report[0]:X2} of mode 19 is not offered; expected one of 01, 02, 04, 06, 0A, 42 and 55");
    }

    private static byte[]? Bytes(string text, int least, int most) =>
        text.Length % 2 == 0 && text.Length >= 2 * least && text.Length <= 2 * most && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;

    private static byte OneByte(string text, string name) =>
        text.Length is 1 or 2 && byte.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : throw Wrong($"'{text}' is no {name}: one or two hexadecimal digits are expected");

    private static ObdException Wrong(string message) => new(ObdFault.Arguments, message);
}
