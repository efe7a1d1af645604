namespace EdgeAgent.Can.SocketCan;

/// <summary>What a controller was told to do (linux/can/netlink.h <c>CAN_CTRLMODE_…</c>).</summary>
[Flags]
public enum CanControllerModes
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>It hears itself and does not depend on others.</summary>
    Loopback = 0x01,

    /// <summary>It never sends, not even an acknowledgement.</summary>
    ListenOnly = 0x02,

    /// <summary>It samples each bit three times.</summary>
    TripleSampling = 0x04,

    /// <summary>It does not repeat what was not acknowledged.</summary>
    OneShot = 0x08,

    /// <summary>It reports each bus error.</summary>
    ErrorReporting = 0x10,

    /// <summary>CAN FD.</summary>
    Fd = 0x20,

    /// <summary>It takes a missing acknowledgement for one.</summary>
    PresumeAcknowledge = 0x40,

    /// <summary>CAN FD as before ISO 11898-1:2015.</summary>
    FdNonIso = 0x80,
}
