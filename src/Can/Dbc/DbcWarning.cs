namespace EdgeAgent.Can.Dbc;

/// <summary>What a warning is about.</summary>
public enum DbcWarningKind
{
    /// <summary>Something that the format does not have, or has otherwise, but whose meaning is clear.</summary>
    Malformed,

    /// <summary>A signal reaches beyond the end of its message. It is decoded only from frames that are long enough.</summary>
    SignalOutsideMessage,

    /// <summary>Two signals that can be present at the same time share bits.</summary>
    SignalsOverlap,

    /// <summary>A signal is longer than 64 bits and is never decoded.</summary>
    SignalTooLong,

    /// <summary>A second message with the same identifier. The first is the one that is decoded.</summary>
    DuplicateMessageId,

    /// <summary>A second message, node, value table or environment variable, or a second signal in a message, with the same name.</summary>
    DuplicateName,

    /// <summary>A statement speaks of a message, signal, node or attribute that the file does not define.</summary>
    UnknownReference,

    /// <summary>Multiplexing that leaves a signal without a selector, or a signal which no selector value selects.</summary>
    Multiplexing,

    /// <summary>A value that cannot be used and is treated as absent, or that makes no sense.</summary>
    UnusableValue,

    /// <summary>A label of a raw value that the signal's bits cannot hold.</summary>
    LabelOutOfRange,
}

/// <summary>Something in a DBC file that is probably a mistake but does not stop it from being read.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column, counted from 1 in UTF-16 units.</param>
/// <param name="Text">What is wrong, without the place.</param>
public sealed record DbcWarning(DbcWarningKind Kind, int Line, int Column, string Text)
{
    /// <summary>True for what is certainly wrong, so that a strict reading refuses the file.</summary>
    public bool IsMistake { get; init; }
}
