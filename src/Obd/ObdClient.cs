using System.Text;
using EdgeAgent.Can;

namespace EdgeAgent.Obd;

/// <summary>The kinds of trouble codes of SAE J1979; the values are the services that read them.</summary>
public enum TroubleCodeKind
{
    /// <summary>Confirmed; most of them light the malfunction indicator.</summary>
    Stored = ObdService.StoredTroubleCodes,

    /// <summary>Seen in this driving cycle or the last.</summary>
    Pending = ObdService.PendingTroubleCodes,

    /// <summary>Not to be cleared by a tester.</summary>
    Permanent = ObdService.PermanentTroubleCodes,
}

/// <summary>The trouble codes of one ECU.</summary>
/// <param name="Ecu">The identifier of its answers.</param>
/// <param name="Codes">In the order of the answer.</param>
/// <param name="Trouble">Why they could not be read; null if they could.</param>
public sealed record EcuTroubleCodes(CanId Ecu, IReadOnlyList<DiagnosticTroubleCode> Codes, string? Trouble);

/// <summary>SAE J1979 for several ECUs. What an answer of an ECU says that does not hold what it must is taken as far as it goes. Thread-safe.</summary>
public sealed partial class ObdClient(IObdLink link)
{
    private const byte Vin = 0x02;
    private const int VinLength = 17;

    /// <summary>Sends any request to all ECUs.</summary>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    /// <exception cref="ObdException">The request could not be sent.</exception>
    public Task<IReadOnlyList<ObdAnswer>> RequestAsync(ReadOnlyMemory<byte> request, CancellationToken stop) => link.RequestAsync(null, request, stop);

    /// <summary>Asks for a parameter of service 01. The data of a positive answer begins behind two bytes.</summary>
    /// <param name="ecu">Whom to ask; null to ask all.</param>
    /// <param name="pid">The parameter.</param>
    /// <param name="stop">Gives up.</param>
    public Task<IReadOnlyList<ObdAnswer>> CurrentDataAsync(CanId? ecu, byte pid, CancellationToken stop) =>
        link.RequestAsync(ecu, new[] { ObdService.CurrentData, pid }, stop);

    /// <summary>Which parameters of service 01 each ECU has.</summary>
    public Task<IReadOnlyDictionary<CanId, IReadOnlySet<byte>>> SupportedPidsAsync(CancellationToken stop) => SupportedAsync(ObdService.CurrentData, stop);

    /// <summary>The trouble codes of each ECU that answers.</summary>
    public async Task<IReadOnlyList<EcuTroubleCodes>> TroubleCodesAsync(TroubleCodeKind kind, CancellationToken stop)
    {
        var answers = await link.RequestAsync(null, new[] { (byte)kind }, stop);
        return [.. answers.Select(answer => new EcuTroubleCodes(answer.Ecu, answer.IsPositive ? ReadCodes(answer.Message.Span) : [], answer.Trouble))];
    }

    /// <summary>Service 04: has all ECUs forget trouble codes, freeze frames and the state of their monitors.</summary>
    public Task<IReadOnlyList<ObdAnswer>> ClearTroubleCodesAsync(CancellationToken stop) => link.RequestAsync(null, new[] { ObdService.ClearTroubleCodes }, stop);

    /// <summary>The vehicle identification number (service 09, 02) of the first ECU that has one; null if none does.</summary>
    public async Task<string?> VinAsync(CancellationToken stop)
    {
        foreach (var answer in await link.RequestAsync(null, new[] { ObdService.VehicleInformation, Vin }, stop))
        {
            if (answer.IsPositive && ReadVin(answer.Message.Span) is { } vin) return vin;
        }
        return null;
    }

    /// <summary>The codes in an answer to service 03, 07 or 0A: a count and two bytes each.</summary>
    public static IReadOnlyList<DiagnosticTroubleCode> ReadCodes(ReadOnlySpan<byte> message)
    {
        if (message.Length < 2) return [];
        List<DiagnosticTroubleCode> codes = [];
        var bytes = message[2..];
        for (int left = message[1]; left > 0 && bytes.Length >= 2; left--, bytes = bytes[2..])
        {
            var code = DiagnosticTroubleCode.FromJ1979(bytes[..2]);
            if (code.Code != 0) codes.Add(code); // P0000 is filling
        }
        return codes;
    }

    /// <summary>The number in an answer to service 09, 02: a count of 1 and 17 characters, which some fill up with zeros in front.</summary>
    public static string? ReadVin(ReadOnlySpan<byte> message)
    {
        if (message.Length < 3 + VinLength) return null;
        var characters = message[^VinLength..].TrimStart((byte)0);
        foreach (byte character in characters)
        {
            if (!char.IsAsciiLetterOrDigit((char)character)) return null;
        }
        return characters.Length == 0 ? null : Encoding.ASCII.GetString(characters);
    }
}
