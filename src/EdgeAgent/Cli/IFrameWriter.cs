using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Cli;

/// <summary>How decoded frames are printed.</summary>
internal interface IFrameWriter : IDisposable
{
    /// <param name="timestampNs">When, in nanoseconds since 1970.</param>
    /// <param name="bus">Where.</param>
    /// <param name="id">The identifier, which of a J1939 message may be another than the DBC file's.</param>
    /// <param name="message">What the DBC file has of it.</param>
    /// <param name="values">Its values.</param>
    /// <param name="truncated">True if it was shorter than in the DBC file.</param>
    void Write(long timestampNs, string bus, CanId id, DbcMessage message, ReadOnlySpan<SignalValue> values, bool truncated);

    void Flush();
}

/// <summary>How J1939 values that are no numbers are called.</summary>
internal static class J1939ValueText
{
    public static string Of(J1939ValueKind kind) => kind switch
    {
        J1939ValueKind.ParameterSpecific => "parameter-specific",
        J1939ValueKind.Reserved => "reserved",
        J1939ValueKind.Error => "error",
        _ => "not available",
    };

    /// <summary>The name of a value of a message that is no number; null if it is one, or the message none of J1939.</summary>
    public static string? Indication(DbcMessage message, DbcSignal signal, SignalValue value) =>
        message.IsJ1939 && J1939Value.KindOf(signal, value.Raw) is not J1939ValueKind.Number and var kind ? Of(kind) : null;
}
