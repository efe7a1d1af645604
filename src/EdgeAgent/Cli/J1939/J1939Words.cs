using EdgeAgent.Can.J1939;

namespace EdgeAgent.Cli.J1939;

/// <summary>What things of J1939 are called in output.</summary>
internal static class J1939Words
{
    /// <summary>The name of a group that is looked into; null of others.</summary>
    public static string? NameOf(ParameterGroupNumber group) => group.Value switch
    {
        0xE800 => "Acknowledgment",
        0xEA00 => "Request",
        0xEB00 => "TP.DT",
        0xEC00 => "TP.CM",
        0xEE00 => "AddressClaimed",
        0xFECA => "DM1",
        0xFECB => "DM2",
        _ => null,
    };

    public static bool IsDiagnostic(ParameterGroupNumber group) => group == ParameterGroupNumber.ActiveTroubleCodes || group == ParameterGroupNumber.PreviouslyActiveTroubleCodes;

    public static string Of(LampStatus status) => status switch
    {
        LampStatus.Off => "off",
        LampStatus.On => "on",
        LampStatus.Reserved => "reserved",
        _ => "not available",
    };

    public static string Of(LampFlash flash) => flash switch
    {
        LampFlash.Slow => "slow",
        LampFlash.Fast => "fast",
        LampFlash.Reserved => "reserved",
        _ => "none",
    };

    public static string Of(J1939AcknowledgmentKind kind) => kind switch
    {
        J1939AcknowledgmentKind.Positive => "positive",
        J1939AcknowledgmentKind.Negative => "negative",
        J1939AcknowledgmentKind.AccessDenied => "access denied",
        _ => "cannot respond",
    };

    public static string Of(AddressClaim claim) => claim switch
    {
        AddressClaim.Claimed => "claimed",
        AddressClaim.Confirmed => "confirmed",
        AddressClaim.Taken => "taken from another",
        AddressClaim.Contested => "contested, another keeps it",
        _ => "cannot claim",
    };

    public static string Of(TransportResult failed) => failed switch
    {
        TransportResult.Timeout => "timeout",
        TransportResult.AbortedByPeer => "aborted",
        TransportResult.PacketLost => "packet lost",
        TransportResult.Superseded => "begun anew",
        _ => "no room",
    };
}
