using System.Text;
using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>SAE J1979 (ISO 15031-5), services 01–0A on CAN.</summary>
internal sealed partial class SimulatedEcu
{
    /// <summary>So many parameters a request on CAN may have.</summary>
    private const int MaxParameters = 6, MaxFreezeFrameParameters = 3;

    /// <summary>Results by monitor: test, unit and scaling (J1979-DA Annex E), value, least, most.</summary>
    private static readonly Dictionary<byte, (byte Test, byte Scaling, ushort Value, ushort Least, ushort Most)[]> Monitors = new()
    {
        [0x01] = [(0x01, 0x0A, 0x0E10, 0x0BB8, 0x1770), (0x05, 0x10, 0x0048, 0x0000, 0x0064)], // oxygen sensor, bank 1 sensor 1
        [0x21] = [(0x80, 0x20, 0x0122, 0x0000, 0x0200)], // catalyst, bank 1
        [0xA2] = [(0x0B, 0x24, 0x0000, 0x0000, 0xFFFF), (0x0C, 0x24, 0x0003, 0x0000, 0xFFFF)], // misfire, cylinder 1
    };

    private byte[] AnswerJ1979(ReadOnlySpan<byte> request, VehicleState state) => request[0] switch
    {
        ObdService.CurrentData => CurrentData(request, state),
        ObdService.FreezeFrameData when Description.Kind == EcuKind.Engine => FreezeFrame(request),
        ObdService.StoredTroubleCodes => Codes(request, _memory.Stored),
        ObdService.ClearTroubleCodes => ClearCodes(request, state),
        ObdService.MonitoringResults when Description.Kind == EcuKind.Engine => Results(request),
        ObdService.PendingTroubleCodes => Codes(request, _memory.Pending),
        ObdService.VehicleInformation => Information(request),
        ObdService.PermanentTroubleCodes => Codes(request, _memory.Permanent),
        var service => Refuse(service, NotSupported), // 05 is not for CAN, 08 operates components
    };

    private byte[] CurrentData(ReadOnlySpan<byte> request, VehicleState state)
    {
        if (request.Length is < 2 or > 1 + MaxParameters) return Refuse(request[0], GeneralLength);
        List<byte> answer = [(byte)(request[0] + 0x40)];
        foreach (byte pid in request[1..])
        {
            if (LiveData.Of(pid, Description.Kind, state, _memory) is not { } data) continue;
            answer.Add(pid);
            answer.AddRange(data);
        }
        return answer.Count == 1 ? Refuse(request[0], SubFunctionNotSupported) : [.. answer];
    }

    /// <summary>Pairs of parameter and number of the frame, of which there is one: 00.</summary>
    private byte[] FreezeFrame(ReadOnlySpan<byte> request)
    {
        if (request.Length % 2 == 0 || request.Length is < 3 or > 1 + 2 * MaxFreezeFrameParameters) return Refuse(request[0], GeneralLength);
        List<byte> answer = [(byte)(request[0] + 0x40)];
        for (int i = 1; i < request.Length; i += 2)
        {
            byte pid = request[i];
            if (request[i + 1] != 0) continue;
            // 02 is the code for which the frame was kept; without one there is nothing but that.
            byte[]? data = pid == 0x02 ? Bytes(_memory.FreezeFrame is null ? default : _memory.Stored[0])
                : pid == 0x00 ? LiveData.SupportBits(0x00, [0x02, .. LiveData.SupportedBy(Description.Kind).Where(each => each > 2)])
                : _memory.FreezeFrame is { } frame ? LiveData.Of(pid, Description.Kind, frame, _memory) : null;
            if (data is null) continue;
            answer.Add(pid);
            answer.Add(0);
            answer.AddRange(data);
        }
        return answer.Count == 1 ? Refuse(request[0], SubFunctionNotSupported) : [.. answer];
    }

    private static byte[] Codes(ReadOnlySpan<byte> request, IReadOnlyList<DiagnosticTroubleCode> codes) =>
        request.Length != 1 ? Refuse(request[0], GeneralLength)
            : [(byte)(request[0] + 0x40), (byte)codes.Count, .. codes.SelectMany(Bytes)];

    private byte[] ClearCodes(ReadOnlySpan<byte> request, VehicleState state)
    {
        if (request.Length != 1) return Refuse(request[0], GeneralLength);
        if (!MayClear(state)) return Refuse(request[0], ConditionsNotCorrect);
        _memory.Clear(state);
        return [(byte)(request[0] + 0x40)];
    }

    private byte[] Results(ReadOnlySpan<byte> request)
    {
        if (request.Length is < 2 or > 1 + MaxParameters || request.Length > 2 && !AreRanges(request[1..])) return Refuse(request[0], GeneralLength);
        byte[] monitors = [.. Monitors.Keys.Order()];
        if (AreRanges(request[1..])) return WithRanges(request, monitors);
        if (!Monitors.TryGetValue(request[1], out var tests)) return Refuse(request[0], SubFunctionNotSupported);
        List<byte> answer = [(byte)(request[0] + 0x40)];
        foreach (var (test, scaling, value, least, most) in tests)
        {
            answer.AddRange([request[1], test, scaling]);
            // What has not been tested yet is all zeros.
            foreach (ushort word in _memory.IsReady ? [value, least, most] : new ushort[3]) answer.AddRange([(byte)(word >> 8), (byte)word]);
        }
        return [.. answer];
    }

    private byte[] Information(ReadOnlySpan<byte> request)
    {
        if (request.Length is < 2 or > 1 + MaxParameters || request.Length > 2 && !AreRanges(request[1..])) return Refuse(request[0], GeneralLength);
        bool isEngine = Description.Kind == EcuKind.Engine;
        if (AreRanges(request[1..])) return WithRanges(request, isEngine ? [0x02, 0x04, 0x06, 0x08, 0x0A] : [0x04, 0x06, 0x0A]);
        byte[]? items = request[1] switch
        {
            0x02 when isEngine => [1, .. Text(Description.Vin, 17)],
            0x04 => [1, .. Text($"EA-{Description.Name.ToUpperInvariant()}-001", 16)],
            0x06 => [1, 0x17, 0x91, 0xBC, (byte)Description.Id.Value],
            0x08 when isEngine => [16, .. Enumerable.Range(0, 16).SelectMany(i => new byte[] { 0, (byte)(20 + 3 * i) })],
            0x0A => [1, .. Text($"{(isEngine ? "ECM" : "TCM")}\0-{Description.Name}", 20)],
            _ => null,
        };
        return items is null ? Refuse(request[0], SubFunctionNotSupported) : [(byte)(request[0] + 0x40), request[1], .. items];
    }

    private static byte[] WithRanges(ReadOnlySpan<byte> request, IReadOnlyList<byte> supported)
    {
        List<byte> answer = [(byte)(request[0] + 0x40)];
        foreach (byte range in request[1..])
        {
            if (LiveData.SupportBits(range, supported) is not { } bits) continue;
            answer.Add(range);
            answer.AddRange(bits);
        }
        return answer.Count == 1 ? Refuse(request[0], SubFunctionNotSupported) : [.. answer];
    }

    private static bool AreRanges(ReadOnlySpan<byte> ids)
    {
        foreach (byte id in ids)
        {
            if (id % 0x20 != 0) return false;
        }
        return true;
    }

    private static byte[] Bytes(DiagnosticTroubleCode code) => [(byte)(code.Code >> 8), (byte)code.Code];

    /// <summary>Filled up with zeros behind, as calibrations and names are.</summary>
    private static byte[] Text(string text, int length) => Encoding.ASCII.GetBytes(text.PadRight(length, '\0')[..length]);
}
