namespace EdgeAgent.Can.SocketCan;

/// <summary>How a raw socket is opened.</summary>
public sealed record CanSocketOptions
{
    /// <summary>
    /// The identifiers to receive; null for all. The kernel filters them, so that others cost no wake-up. It takes at most 512:
    /// with more, everything is received. Remote frames never pass such a filter; error frames are a matter of <see cref="ErrorFrames"/>.
    /// </summary>
    public IReadOnlyCollection<CanIdMask>? Filter { get; init; }

    /// <summary>Identifiers to receive, if <see cref="Filter"/> is null: data and remote frames that match one of at most 512.</summary>
    public IReadOnlyCollection<CanIdMask>? Matching { get; init; }

    /// <summary>Identifiers not to receive, if the two others are null: data and remote frames of all others pass.</summary>
    public IReadOnlyCollection<CanIdMask>? Except { get; init; }

    /// <summary>True to receive error frames of all classes: bus-off, error-passive, arbitration lost, and so on.</summary>
    public bool ErrorFrames { get; init; } = true;

    /// <summary>True if nothing may be sent through this socket, whatever the interface allows.</summary>
    public bool ListenOnly { get; init; }

    /// <summary>
    /// The receive buffer asked for, in bytes as the kernel counts them (a classic frame is charged about 700 bytes, an FD frame about 800);
    /// 4 MiB hold about a second of a fully loaded FD bus. Above <c>net.core.rmem_max</c> it needs CAP_NET_ADMIN, otherwise the kernel gives less.
    /// </summary>
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;
}

/// <summary>Identifiers of one kind that agree in some bits.</summary>
/// <param name="Id">One of them.</param>
/// <param name="Mask">The bits of the identifier that count.</param>
public readonly record struct CanIdMask(CanId Id, uint Mask)
{
    /// <summary>One identifier alone.</summary>
    public static CanIdMask FromCanId(CanId id) => new(id, id.IsExtended ? CanId.MaxExtended : CanId.MaxStandard);

    /// <summary>One identifier alone.</summary>
    public static implicit operator CanIdMask(CanId id) => FromCanId(id);
}
