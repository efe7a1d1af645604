namespace EdgeAgent.Can.J1939;

/// <summary>Whether a lamp is on (SAE J1939-73 §5.7.1.1–4).</summary>
public enum LampStatus : byte
{
    /// <summary>Off.</summary>
    Off = 0,

    /// <summary>On.</summary>
    On = 1,

    /// <summary>Reserved.</summary>
    Reserved = 2,

    /// <summary>There is no such lamp, or its status is not known.</summary>
    NotAvailable = 3,
}

/// <summary>How a lamp that is on flashes (SAE J1939-73 §5.7.1.5).</summary>
public enum LampFlash : byte
{
    /// <summary>About once a second.</summary>
    Slow = 0,

    /// <summary>About twice a second or faster.</summary>
    Fast = 1,

    /// <summary>Reserved.</summary>
    Reserved = 2,

    /// <summary>It does not flash, or that is not known.</summary>
    None = 3,
}

/// <summary>A lamp of the dashboard.</summary>
/// <param name="Status">Whether it is on.</param>
/// <param name="Flash">How it flashes.</param>
public readonly record struct LampState(LampStatus Status, LampFlash Flash);

/// <summary>
/// DM1 or DM2 (SAE J1939-73 §5.7.1–2): four lamps and the active, or previously active, trouble codes. Looks into a payload and copies nothing.
/// </summary>
/// <remarks>
/// <code>
///  byte   0  lamps on: malfunction (bits 7–6), red stop (5–4), amber warning (3–2), protect (1–0)
///         1  how they flash, in the same places
///         2… trouble codes of four bytes; what does not fill four is padding
/// </code>
/// </remarks>
public readonly ref struct DiagnosticMessage
{
    private const int LampBytes = 2;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly SpnConversion _older;

    private DiagnosticMessage(ReadOnlySpan<byte> payload, SpnConversion older)
    {
        _payload = payload;
        _older = older;
    }

    /// <summary>Emissions: MIL.</summary>
    public LampState MalfunctionIndicator => Lamp(6);

    /// <summary>Stop the vehicle: RSL.</summary>
    public LampState RedStop => Lamp(4);

    /// <summary>A warning: AWL.</summary>
    public LampState AmberWarning => Lamp(2);

    /// <summary>Most likely no electronic fault: PL.</summary>
    public LampState Protect => Lamp(0);

    /// <summary>How many places for codes there are, 0–445; of a message without codes one, which is empty.</summary>
    public int Places => (_payload.Length - LampBytes) / J1939TroubleCode.Bytes;

    /// <summary>Looks into a payload of at least two bytes.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="message">What it says.</param>
    /// <param name="older">How the sender writes codes that bear the mark of versions 1–3.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, out DiagnosticMessage message, SpnConversion older = SpnConversion.Version3)
    {
        message = payload.Length >= LampBytes ? new DiagnosticMessage(payload, older) : default;
        return payload.Length >= LampBytes;
    }

    /// <summary>The code in a place, which may be empty (<see cref="J1939TroubleCode.IsEmpty"/>).</summary>
    public J1939TroubleCode this[int place] => J1939TroubleCode.Read(_payload.Slice(LampBytes + (place * J1939TroubleCode.Bytes), J1939TroubleCode.Bytes), _older);

    private LampState Lamp(int shift) => new((LampStatus)(_payload[0] >> shift & 3), (LampFlash)(_payload[1] >> shift & 3));
}
