namespace EdgeAgent.Can.IsoTp;

/// <summary>
/// How two peers address each other (ISO 15765-2:2016 §10.3): two identifiers and, with extended or mixed addressing, a byte before the
/// protocol control information.
/// </summary>
/// <param name="Transmit">The identifier of what we send: messages and FlowControls.</param>
/// <param name="Receive">The identifier of what the peer sends to us.</param>
public readonly record struct IsoTpAddress(CanId Transmit, CanId Receive)
{
    /// <summary>The first byte of what we send: N_TA (extended) or N_AE (mixed); null with normal addressing.</summary>
    public byte? TransmitByte { get; init; }

    /// <summary>The first byte of what the peer sends to us; null with normal addressing. Frames with another one are not for us.</summary>
    public byte? ReceiveByte { get; init; }

    /// <summary>True if the receiving identifier addresses all nodes at once: only single frames are taken (§9.4.2), and no FlowControl is ever sent.</summary>
    public bool IsFunctional { get; init; }

    /// <summary>Normal fixed addressing of ISO 15765-2 §10.3.3 on 29 bits: 18DA, target, source.</summary>
    /// <param name="target">The peer's address.</param>
    /// <param name="source">Our own.</param>
    public static IsoTpAddress NormalFixed(byte target, byte source) =>
        Fixed(0x18DA_0000, target, source);

    /// <summary>Extended addressing (§10.3.4): each frame begins with the address of the node for which it is.</summary>
    /// <param name="transmit">The identifier of what we send.</param>
    /// <param name="receive">The identifier of what the peer sends.</param>
    /// <param name="target">The peer's address.</param>
    /// <param name="source">Our own.</param>
    public static IsoTpAddress Extended(CanId transmit, CanId receive, byte target, byte source) =>
        new(transmit, receive) { TransmitByte = target, ReceiveByte = source };

    /// <summary>Mixed addressing (§10.3.5): each frame in either direction begins with the address extension of the remote network.</summary>
    public static IsoTpAddress Mixed(CanId transmit, CanId receive, byte addressExtension) =>
        new(transmit, receive) { TransmitByte = addressExtension, ReceiveByte = addressExtension };

    /// <summary>Mixed addressing on 29 bits (§10.3.5.2): 18CE, target, source.</summary>
    public static IsoTpAddress MixedFixed(byte target, byte source, byte addressExtension) =>
        Fixed(0x18CE_0000, target, source) with { TransmitByte = addressExtension, ReceiveByte = addressExtension };

    private static IsoTpAddress Fixed(uint prefix, byte target, byte source) =>
        new(CanId.Extended(prefix | (uint)target << 8 | source), CanId.Extended(prefix | (uint)source << 8 | target));
}
