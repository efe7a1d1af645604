using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>What a line from the adapter says (ELM327 data sheet, "Error Messages and Alerts").</summary>
public enum ElmLineKind
{
    /// <summary>Nothing that is known: noise, or the answer to a command.</summary>
    Text,

    /// <summary>What a node on the bus has sent.</summary>
    Data,

    /// <summary><c>OK</c>: a command was done.</summary>
    Ok,

    /// <summary><c>?</c>: a command was not understood.</summary>
    NotUnderstood,

    /// <summary><c>SEARCHING</c>, <c>BUS INIT: OK</c>: it goes on.</summary>
    Progress,

    /// <summary><c>NO DATA</c>: nobody answered in time.</summary>
    NoData,

    /// <summary><c>STOPPED</c>: a character from us interrupted it.</summary>
    Stopped,

    /// <summary><c>BUFFER FULL</c>: the bus was faster than the line to us, and what came is incomplete.</summary>
    BufferFull,

    /// <summary><c>DATA ERROR</c>: what came made no sense.</summary>
    DataError,

    /// <summary><c>UNABLE TO CONNECT</c>: none of the protocols.</summary>
    UnableToConnect,

    /// <summary><c>BUS INIT: ERROR</c>: nobody answered the initialisation.</summary>
    BusInitError,

    /// <summary><c>CAN ERROR</c>: nobody acknowledges, or the bit rate is wrong.</summary>
    CanError,

    /// <summary><c>BUS BUSY</c> or <c>BUS ERROR</c>: no room for a request, or an impossible level.</summary>
    BusError,

    /// <summary><c>FB ERROR</c>: an output has no effect; the wiring.</summary>
    FeedbackError,

    /// <summary><c>ERR94</c> and its like: something inside.</summary>
    InternalError,

    /// <summary><c>ELM327 v1.5</c>, <c>STN1110 v4.0.1</c>, <c>LV RESET</c>: the adapter has begun anew, and all settings are those of the beginning.</summary>
    Restarted,

    /// <summary><c>ACT ALERT</c>, <c>LP ALERT</c>: it is about to sleep.</summary>
    Alert,
}

/// <summary>One line, parsed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Of data: the node that sent it, by the identifier of its answers. On another bus than CAN a node has one address byte, <c>xx</c>, and is named 18DAF1xx.</param>
/// <param name="Length">Of data: how many bytes there are, without header and checksum.</param>
/// <param name="IsDamaged">Of data: marked by the adapter (<c>&lt;DATA ERROR</c>, <c>&lt;RX ERROR</c>), or of a wrong checksum.</param>
public readonly record struct ElmLine(ElmLineKind Kind, CanId Source = default, int Length = 0, bool IsDamaged = false);
