using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>
/// One ECU: a request and the vehicle's state in, its answer out. It keeps to SAE J1979 (services 01–0A) and ISO 14229-1 (10 and above): what a
/// request to all ECUs asks in vain is not answered, and what one asked alone cannot do is refused with the standard's code. Not thread-safe.
/// </summary>
internal sealed partial class SimulatedEcu(EcuDescription description)
{
    private const byte GeneralLength = 0x13, NotSupported = 0x11, SubFunctionNotSupported = 0x12, ConditionsNotCorrect = 0x22, OutOfRange = 0x31, SecurityAccessDenied = 0x33;

    private readonly EcuMemory _memory = new(description);

    public EcuDescription Description { get; } = description;

    /// <summary>The answer; null if the ECU keeps silent.</summary>
    /// <param name="request">At least one byte.</param>
    /// <param name="isFunctional">True if all ECUs are asked.</param>
    /// <param name="state">The vehicle.</param>
    /// <param name="now">Since any fixed moment.</param>
    public byte[]? Answer(ReadOnlySpan<byte> request, bool isFunctional, VehicleState state, TimeSpan now)
    {
        _memory.Observe(state);
        byte[]? answer = request[0] < 0x10 ? AnswerJ1979(request, state) : AnswerUds(request, state, now);
        // ISO 14229-1 §7.5: of what all are asked, an ECU does not say that it has not got it.
        bool isUnsaid = answer is [NegativeResponse.ServiceId, _, NotSupported or SubFunctionNotSupported or OutOfRange or 0x7E or 0x7F];
        return isFunctional && isUnsaid ? null : answer;
    }

    private static byte[] Refuse(byte service, byte code) => [NegativeResponse.ServiceId, service, code];

    private static bool MayClear(VehicleState state) => state.Speed == 0;
}
