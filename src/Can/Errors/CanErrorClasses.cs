using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Errors;

/// <summary>The classes of error frames (linux/can/error.h, <c>CAN_ERR_…</c> of the identifier).</summary>
[Flags]
public enum CanErrorClasses
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The driver gave up waiting for a frame to be sent.</summary>
    SendTimeout = 0x001,

    /// <summary>Arbitration was lost: another node sent at the same time with a lower identifier. Normal on a busy bus.</summary>
    ArbitrationLost = 0x002,

    /// <summary>The controller: buffers, error counters; see <see cref="CanControllerProblems"/>.</summary>
    Controller = 0x004,

    /// <summary>A rule of the protocol was violated; see <see cref="CanProtocolViolations"/> and <see cref="CanErrorLocation"/>.</summary>
    Protocol = 0x008,

    /// <summary>The transceiver or its wires; see <see cref="CanTransceiverFault"/>.</summary>
    Transceiver = 0x010,

    /// <summary>Nobody acknowledged a frame that was sent.</summary>
    NoAcknowledge = 0x020,

    /// <summary>The controller has left the bus.</summary>
    BusOff = 0x040,

    /// <summary>An error on the bus; may come in floods.</summary>
    BusError = 0x080,

    /// <summary>The controller was restarted after bus-off.</summary>
    Restarted = 0x100,

    /// <summary>The error counters are in the detail.</summary>
    Counters = 0x200,
}

/// <summary>Problems of the controller (<c>CAN_ERR_CRTL_…</c>, data[1]).</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "A byte of the kernel's.")]
public enum CanControllerProblems : byte
{
    /// <summary>Not said.</summary>
    None = 0,

    /// <summary>A frame was lost because the receive buffer was full.</summary>
    ReceiveOverflow = 0x01,

    /// <summary>A frame was lost because the transmit buffer was full.</summary>
    SendOverflow = 0x02,

    /// <summary>The receive error counter has reached 96.</summary>
    ReceiveWarning = 0x04,

    /// <summary>The transmit error counter has reached 96.</summary>
    SendWarning = 0x08,

    /// <summary>The receive error counter has passed 127.</summary>
    ReceivePassive = 0x10,

    /// <summary>The transmit error counter has passed 127.</summary>
    SendPassive = 0x20,

    /// <summary>All is well again.</summary>
    Active = 0x40,
}

/// <summary>Violations of the protocol (<c>CAN_ERR_PROT_…</c>, data[2]).</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "A byte of the kernel's.")]
public enum CanProtocolViolations : byte
{
    /// <summary>Not said.</summary>
    None = 0,

    /// <summary>A bit on the bus was not the one that was sent.</summary>
    Bit = 0x01,

    /// <summary>A field of fixed form held a wrong bit.</summary>
    Form = 0x02,

    /// <summary>More than five equal bits where stuffing applies.</summary>
    Stuff = 0x04,

    /// <summary>A dominant bit could not be sent.</summary>
    DominantBit = 0x08,

    /// <summary>A recessive bit could not be sent.</summary>
    RecessiveBit = 0x10,

    /// <summary>The bus is overloaded.</summary>
    Overload = 0x20,

    /// <summary>An active error flag was announced.</summary>
    ActiveError = 0x40,

    /// <summary>It happened while sending.</summary>
    Sending = 0x80,
}

/// <summary>Where in a frame the protocol was violated (<c>CAN_ERR_PROT_LOC_…</c>, data[3]); the numbers are those of the SJA1000's error code capture.</summary>
[SuppressMessage("Design", "CA1028", Justification = "A byte of the kernel's.")]
public enum CanErrorLocation : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>Identifier bits 28–21 (base format: 10–3).</summary>
    Id28To21 = 0x02,

    /// <summary>Start of frame.</summary>
    StartOfFrame = 0x03,

    /// <summary>Substitute remote request bit (base format: RTR).</summary>
    SubstituteRemoteRequest = 0x04,

    /// <summary>Identifier extension bit.</summary>
    IdentifierExtension = 0x05,

    /// <summary>Identifier bits 20–18 (base format: 2–0).</summary>
    Id20To18 = 0x06,

    /// <summary>Identifier bits 17–13.</summary>
    Id17To13 = 0x07,

    /// <summary>CRC sequence.</summary>
    CrcSequence = 0x08,

    /// <summary>Reserved bit 0.</summary>
    Reserved0 = 0x09,

    /// <summary>Data section.</summary>
    Data = 0x0A,

    /// <summary>Data length code.</summary>
    DataLengthCode = 0x0B,

    /// <summary>Remote transmission request bit.</summary>
    RemoteRequest = 0x0C,

    /// <summary>Reserved bit 1.</summary>
    Reserved1 = 0x0D,

    /// <summary>Identifier bits 4–0.</summary>
    Id4To0 = 0x0E,

    /// <summary>Identifier bits 12–5.</summary>
    Id12To5 = 0x0F,

    /// <summary>Intermission.</summary>
    Intermission = 0x12,

    /// <summary>CRC delimiter.</summary>
    CrcDelimiter = 0x18,

    /// <summary>Acknowledge slot.</summary>
    AcknowledgeSlot = 0x19,

    /// <summary>End of frame.</summary>
    EndOfFrame = 0x1A,

    /// <summary>Acknowledge delimiter.</summary>
    AcknowledgeDelimiter = 0x1B,
}

/// <summary>The state of the transceiver's wires (<c>CAN_ERR_TRX_…</c>, data[4]).</summary>
[SuppressMessage("Design", "CA1028", Justification = "A byte of the kernel's.")]
public enum CanTransceiverFault : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>CAN_H has no contact.</summary>
    HighNoWire = 0x04,

    /// <summary>CAN_H is short-circuited to the battery.</summary>
    HighShortToBattery = 0x05,

    /// <summary>CAN_H is short-circuited to the supply.</summary>
    HighShortToSupply = 0x06,

    /// <summary>CAN_H is short-circuited to ground.</summary>
    HighShortToGround = 0x07,

    /// <summary>CAN_L has no contact.</summary>
    LowNoWire = 0x40,

    /// <summary>CAN_L is short-circuited to the battery.</summary>
    LowShortToBattery = 0x50,

    /// <summary>CAN_L is short-circuited to the supply.</summary>
    LowShortToSupply = 0x60,

    /// <summary>CAN_L is short-circuited to ground.</summary>
    LowShortToGround = 0x70,

    /// <summary>CAN_L is short-circuited to CAN_H.</summary>
    LowShortToHigh = 0x80,
}
