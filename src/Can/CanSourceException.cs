namespace EdgeAgent.Can;

/// <summary>What is wrong with a source.</summary>
public enum CanSourceFault
{
    /// <summary>No interface of that name exists.</summary>
    Missing,

    /// <summary>The interface exists but is down.</summary>
    Down,

    /// <summary>The interface is no CAN interface.</summary>
    NotCan,

    /// <summary>The kernel has no CAN support.</summary>
    NoKernelSupport,

    /// <summary>The process lacks a permission.</summary>
    NotPermitted,

    /// <summary>The interface only listens, and something was to be sent.</summary>
    ListenOnly,

    /// <summary>Anything else; the message says what.</summary>
    Other,
}

/// <summary>A source cannot be opened or has stopped. The message is one line that says what, where and what to do.</summary>
public sealed class CanSourceException : IOException
{
    /// <summary>With a message for people.</summary>
    public CanSourceException(CanSourceFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    /// <summary>The kind of fault.</summary>
    public CanSourceFault Fault { get; }
}
