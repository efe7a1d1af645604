namespace EdgeAgent.Can;

/// <summary>How a CAN controller is (ISO 11898-1 fault confinement; linux/can/netlink.h <c>can_state</c>).</summary>
public enum CanControllerState
{
    /// <summary>All is well.</summary>
    ErrorActive,

    /// <summary>An error counter has reached 96.</summary>
    ErrorWarning,

    /// <summary>An error counter has reached 128.</summary>
    ErrorPassive,

    /// <summary>The controller has left the bus.</summary>
    BusOff,

    /// <summary>The interface is down.</summary>
    Stopped,

    /// <summary>The controller sleeps.</summary>
    Sleeping,
}
