namespace EdgeAgent.Can.Errors;

/// <summary>
/// What a controller's driver says by an error frame (linux/can/error.h): one or more classes, and eight bytes of detail, each of which counts
/// only with its class.
/// <code>
/// data  0                1            2          3          4            5         6          7
///       ┌────────────────┬────────────┬──────────┬──────────┬────────────┬─────────┬──────────┬──────────┐
///       │ bit at which   │ controller │ protocol │ where in │ transceiver│ driver's│ transmit │ receive  │
///       │ arbitration    │ problems   │ violation│ the frame│            │ own     │ error    │ error    │
///       │ was lost       │            │          │          │            │         │ counter  │ counter  │
///       └────────────────┴────────────┴──────────┴──────────┴────────────┴─────────┴──────────┴──────────┘
/// </code>
/// </summary>
public readonly struct CanErrorFrame : IEquatable<CanErrorFrame>
{
    private const int Detail = CanFrame.MaxClassicLength;

    private readonly ulong _data;

    private CanErrorFrame(CanErrorClasses classes, ulong data)
    {
        Classes = classes;
        _data = data;
    }

    /// <summary>Reads an error frame. Bytes that a shorter one lacks are zero.</summary>
    /// <exception cref="ArgumentException">The frame is none; <see cref="CanFrame.IsError"/> tells.</exception>
    public static CanErrorFrame Read(in CanFrame frame)
    {
        if (!frame.IsError) throw new ArgumentException("no error frame", nameof(frame));
        ulong data = 0;
        for (int i = 0; i < Math.Min(frame.Length, Detail); i++) data |= (ulong)frame.Storage[i] << 8 * i;
        return new CanErrorFrame((CanErrorClasses)frame.ErrorClass, data);
    }

    /// <summary>What happened. Bits that this version knows no name for may be set, too.</summary>
    public CanErrorClasses Classes { get; }

    /// <summary>The bit of the frame, from 1, at which another node's dominant bit won; null if the driver does not say.</summary>
    public int? ArbitrationLostAt => Has(CanErrorClasses.ArbitrationLost) && this[0] > 0 ? this[0] : null;

    /// <summary>What is wrong with the controller; none without <see cref="CanErrorClasses.Controller"/>.</summary>
    public CanControllerProblems Controller => Has(CanErrorClasses.Controller) ? (CanControllerProblems)this[1] : default;

    /// <summary>Which rules of the protocol were violated; none without <see cref="CanErrorClasses.Protocol"/>.</summary>
    public CanProtocolViolations Violations => Has(CanErrorClasses.Protocol) ? (CanProtocolViolations)this[2] : default;

    /// <summary>Where in a frame they were.</summary>
    public CanErrorLocation Location => Has(CanErrorClasses.Protocol) ? (CanErrorLocation)this[3] : default;

    /// <summary>What is wrong with the transceiver's wires.</summary>
    public CanTransceiverFault Transceiver => Has(CanErrorClasses.Transceiver) ? (CanTransceiverFault)this[4] : default;

    /// <summary>A byte whose meaning the driver's sources tell.</summary>
    public byte DriverSpecific => this[5];

    /// <summary>
    /// The controller's transmit error counter. Kernels before 6.0 give the counters without a word that they do; there they are taken as given if one
    /// of them is not zero.
    /// </summary>
    public int? SendErrorCounter => HasCounters ? this[6] : null;

    /// <summary>The controller's receive error counter.</summary>
    /// <inheritdoc cref="SendErrorCounter" path="/remarks"/>
    public int? ReceiveErrorCounter => HasCounters ? this[7] : null;

    /// <summary>The state that the frame announces; null if it announces none.</summary>
    public CanControllerState? State
    {
        get
        {
            if (Has(CanErrorClasses.BusOff)) return CanControllerState.BusOff;
            if (Has(CanErrorClasses.Restarted)) return CanControllerState.ErrorActive;
            var problems = Controller;
            if ((problems & (CanControllerProblems.ReceivePassive | CanControllerProblems.SendPassive)) != 0) return CanControllerState.ErrorPassive;
            if ((problems & (CanControllerProblems.ReceiveWarning | CanControllerProblems.SendWarning)) != 0) return CanControllerState.ErrorWarning;
            return (problems & CanControllerProblems.Active) != 0 ? CanControllerState.ErrorActive : null;
        }
    }

    /// <summary>True if all of these classes are there.</summary>
    public bool Has(CanErrorClasses classes) => (Classes & classes) == classes;

    /// <summary>One byte of the detail, 0–7.</summary>
    public byte this[int index] => (byte)(_data >> 8 * index);

    private bool HasCounters =>
        Has(CanErrorClasses.Counters) || Has(CanErrorClasses.Controller) && (_data >> 48) != 0;

    /// <inheritdoc/>
    public bool Equals(CanErrorFrame other) => Classes == other.Classes && _data == other._data;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CanErrorFrame other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Classes, _data);

    /// <summary>Equal classes and detail.</summary>
    public static bool operator ==(CanErrorFrame left, CanErrorFrame right) => left.Equals(right);

    /// <summary>Other classes or detail.</summary>
    public static bool operator !=(CanErrorFrame left, CanErrorFrame right) => !left.Equals(right);

    /// <summary>In words; see <see cref="CanErrorText"/>.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[CanErrorText.MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..CanErrorText.Write(text, this)]);
    }
}
