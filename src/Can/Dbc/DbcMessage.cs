using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>A message (<c>BO_</c>): the frame with one identifier. Immutable.</summary>
public sealed class DbcMessage
{
    internal DbcMessage()
    {
    }

    /// <summary>The name, the long one if the file gives it (<c>SystemMessageLongSymbol</c>).</summary>
    public required string Name { get; init; }

    /// <summary>The identifier of its frames.</summary>
    public required CanId Id { get; init; }

    /// <summary>The payload's length in bytes: 0–8 (classic), 0–64 (FD), 0–1785 (J1939 transport protocol).</summary>
    public required int Length { get; init; }

    /// <summary>The nodes that send it (<c>BO_</c>, then <c>BO_TX_BU_</c>); empty if the only one is <c>Vector__XXX</c>.</summary>
    public required IReadOnlyList<string> Senders { get; init; }

    /// <summary>The signals by their start bits' place in the payload: byte by byte; in a byte, big-endian ones from bit 7 down.</summary>
    public required IReadOnlyList<DbcSignal> Signals { get; init; }

    /// <summary>The groups of signals, in the file's order.</summary>
    public required IReadOnlyList<DbcSignalGroup> SignalGroups { get; init; }

    /// <summary>The comment, or null.</summary>
    public required string? Comment { get; init; }

    /// <summary>How often it is sent (<c>GenMsgCycleTime</c>, or that attribute's default), or null if it is not cyclic.</summary>
    public required TimeSpan? CycleTime { get; init; }

    /// <summary>How it is sent (<c>GenMsgSendType</c>, or that attribute's default), or null if the file does not say.</summary>
    public required string? SendType { get; init; }

    /// <summary>True if the identifier holds a parameter group number of SAE J1939 (<c>VFrameFormat</c> <c>J1939PG</c>, or the network's <c>ProtocolType</c> <c>J1939</c>).</summary>
    public required bool IsJ1939 { get; init; }

    /// <summary>True if it needs CAN FD (<c>VFrameFormat</c> ending in <c>CAN_FD</c>).</summary>
    public required bool IsFd { get; init; }

    /// <summary>The attributes of its own.</summary>
    public required IReadOnlyList<DbcAttribute> Attributes { get; init; }

    /// <summary>Finds a signal by name; the first of several.</summary>
    public bool TryGetSignal(string name, [NotNullWhen(true)] out DbcSignal? signal)
    {
        foreach (var candidate in Signals)
        {
            if (candidate.Name != name) continue;
            signal = candidate;
            return true;
        }

        signal = null;
        return false;
    }
}
