using System.Text;
using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>ISO 14229-1: sessions, trouble codes, identifiers, and what is refused.</summary>
internal sealed partial class SimulatedEcu
{
    private const byte SessionControl = 0x10, Reset = 0x11, ClearInformation = 0x14, ReadCodes = 0x19, ReadIdentifier = 0x22, SecurityAccess = 0x27,
        WriteIdentifier = 0x2E, RoutineControl = 0x31, RequestDownload = 0x34, TransferData = 0x36, TesterPresent = 0x3E;

    private const byte DefaultSession = 1, ProgrammingSession = 2, ExtendedSession = 3;

    /// <summary>P2 in ms and P2* in tens of ms, as service 10 answers them.</summary>
    private static readonly byte[] SessionTimes = [0x00, 0x32, 0x01, 0xF4];

    private const byte AvailableStatus = 0x8D, SuppressAnswer = 0x80, ServiceNotInSession = 0x7F, ResponseTooLong = 0x14;

    private const int MaxIdentifiers = 8, MaxKeyAttempts = 3;

    /// <summary>S3: without a word from the tester for so long, the default session is back.</summary>
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(5);

    private byte _session = DefaultSession;
    private bool _seedIsOut;
    private int _wrongKeys;
    private TimeSpan _lastWord;

    private byte[]? AnswerUds(ReadOnlySpan<byte> request, VehicleState state, TimeSpan now)
    {
        if (now - _lastWord > SessionTimeout) _session = DefaultSession;
        _lastWord = now;
        byte service = request[0];
        return service switch
        {
            SessionControl => WithSubFunction(request, length: 2, (sub, _) => ControlSession(sub, state)),
            Reset => WithSubFunction(request, length: 2, (sub, _) => ResetBy(sub, state)),
            TesterPresent => WithSubFunction(request, length: 2, (sub, _) => sub == 0 ? [TesterPresent + 0x40, 0] : Refuse(TesterPresent, SubFunctionNotSupported)),
            ReadCodes => WithSubFunction(request, length: null, CodesBy),
            ClearInformation => ClearInformationOf(request, state),
            ReadIdentifier => Identifiers(request, state),
            SecurityAccess => _session == DefaultSession ? Refuse(service, ServiceNotInSession) : WithSubFunction(request, length: null, Unlock),
            WriteIdentifier or RoutineControl => _session == DefaultSession ? Refuse(service, ServiceNotInSession) : Refuse(service, SecurityAccessDenied),
            RequestDownload or TransferData => Refuse(service, ServiceNotInSession), // only while programming, which is refused
            _ => Refuse(service, NotSupported),
        };
    }

    private delegate byte[] SubFunction(byte sub, ReadOnlySpan<byte> parameters);

    /// <summary>§8.2.2: bit 7 of a sub-function asks for no positive answer.</summary>
    private static byte[]? WithSubFunction(ReadOnlySpan<byte> request, int? length, SubFunction answer)
    {
        if (request.Length < 2 || length is { } exact && request.Length != exact) return Refuse(request[0], GeneralLength);
        byte[] said = answer((byte)(request[1] & ~SuppressAnswer), request[2..]);
        return (request[1] & SuppressAnswer) != 0 && said[0] != NegativeResponse.ServiceId ? null : said;
    }

    private byte[] ControlSession(byte session, VehicleState state)
    {
        switch (session)
        {
            case DefaultSession or ExtendedSession:
                _session = session;
                _seedIsOut = false;
                return [SessionControl + 0x40, session, .. SessionTimes];
            // A vehicle is not programmed while its engine runs, and this one never.
            case ProgrammingSession: return Refuse(SessionControl, state.IsRunning ? ConditionsNotCorrect : SecurityAccessDenied);
            default: return Refuse(SessionControl, SubFunctionNotSupported);
        }
    }

    private byte[] ResetBy(byte kind, VehicleState state)
    {
        if (kind is not (1 or 3)) return Refuse(Reset, SubFunctionNotSupported);
        if (state.IsRunning) return Refuse(Reset, ConditionsNotCorrect);
        _session = DefaultSession;
        return [Reset + 0x40, kind];
    }

    private byte[] CodesBy(byte sub, ReadOnlySpan<byte> parameters)
    {
        bool hasMask = sub is 0x01 or 0x02;
        if (!hasMask && sub != 0x0A) return Refuse(ReadCodes, SubFunctionNotSupported);
        if (parameters.Length != (hasMask ? 1 : 0)) return Refuse(ReadCodes, GeneralLength);
        byte mask = hasMask ? parameters[0] : byte.MaxValue;
        var codes = _memory.WithStatus().Where(each => !hasMask || (each.Status & mask) != 0).ToArray();
        // 01 counts; format 01 is that of ISO 14229-1.
        if (sub == 0x01) return [ReadCodes + 0x40, sub, AvailableStatus, 0x01, (byte)(codes.Length >> 8), (byte)codes.Length];
        return [ReadCodes + 0x40, sub, AvailableStatus, .. codes.SelectMany(each => (byte[])[.. Bytes(each.Code), each.Code.FailureType ?? 0, each.Status])];
    }

    private byte[] ClearInformationOf(ReadOnlySpan<byte> request, VehicleState state)
    {
        if (request.Length != 4) return Refuse(ClearInformation, GeneralLength);
        // All groups, or those of emissions.
        if (request[1..] is not ([0xFF, 0xFF, 0xFF] or [0xFF, 0xFF, 0x33])) return Refuse(ClearInformation, OutOfRange);
        if (!MayClear(state)) return Refuse(ClearInformation, ConditionsNotCorrect);
        _memory.Clear(state);
        return [ClearInformation + 0x40];
    }

    private byte[] Identifiers(ReadOnlySpan<byte> request, VehicleState state)
    {
        if (request.Length < 3 || request.Length % 2 == 0) return Refuse(ReadIdentifier, GeneralLength);
        if (request.Length > 1 + 2 * MaxIdentifiers) return Refuse(ReadIdentifier, ResponseTooLong);
        List<byte> answer = [ReadIdentifier + 0x40];
        for (int i = 1; i < request.Length; i += 2)
        {
            ushort identifier = (ushort)(request[i] << 8 | request[i + 1]);
            if (Identify(identifier, state) is not { } data) continue;
            answer.AddRange([request[i], request[i + 1]]);
            answer.AddRange(data);
        }
        return answer.Count == 1 ? Refuse(ReadIdentifier, OutOfRange) : [.. answer];
    }

    /// <summary>ISO 14229-1 Annex C.1; F4xx are the parameters of SAE J1979-2.</summary>
    private byte[]? Identify(ushort identifier, VehicleState state) =>
        Description.Identifiers.TryGetValue(identifier, out var given) ? given : identifier switch
        {
            0xF186 => [_session],
            0xF187 => Encoding.ASCII.GetBytes("EA-000-001-A"),
            0xF18C => Encoding.ASCII.GetBytes($"SN{Description.Id.Value:X8}"),
            0xF190 => Encoding.ASCII.GetBytes(Description.Vin),
            0xF195 => Encoding.ASCII.GetBytes("1.0.0"),
            0xF197 => Encoding.ASCII.GetBytes(Description.Name),
            >= 0xF400 and <= 0xF4FF => LiveData.Of((byte)identifier, Description.Kind, state, _memory),
            _ => null,
        };

    /// <summary>There is no right key.</summary>
    private byte[] Unlock(byte sub, ReadOnlySpan<byte> parameters)
    {
        switch (sub)
        {
            case 0x01 when parameters.IsEmpty:
                _seedIsOut = true;
                return [SecurityAccess + 0x40, sub, 0x5E, 0xED, 0x12, 0x34];
            case 0x02 when parameters.Length == 4:
                if (!_seedIsOut) return Refuse(SecurityAccess, 0x24); // requestSequenceError
                _seedIsOut = false;
                return Refuse(SecurityAccess, ++_wrongKeys < MaxKeyAttempts ? (byte)0x35 : (byte)0x36);
            case 0x01 or 0x02: return Refuse(SecurityAccess, GeneralLength);
            default: return Refuse(SecurityAccess, SubFunctionNotSupported);
        }
    }
}
