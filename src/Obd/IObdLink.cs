using EdgeAgent.Can;

namespace EdgeAgent.Obd;

/// <summary>
/// A way to the ECUs of one bus, such as <see cref="CanObdLink"/>. Requests of all who share it wait for each other: an ECU has one at a time, and
/// what all are asked is alone on the bus. Thread-safe.
/// </summary>
public interface IObdLink
{
    /// <summary>Sends one request and returns the final answer of each ECU that answered in time, in the order of their identifiers; none if nobody did.</summary>
    /// <param name="ecu">Whom to ask, by the identifier of its answers; null to ask all.</param>
    /// <param name="request">Service and parameters; 1–7 bytes if all are asked.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CanSourceException">The bus cannot be used.</exception>
    /// <exception cref="ObdException">The request could not be sent.</exception>
    Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation);
}

/// <summary>How the answer of an ECU ended.</summary>
public enum ObdAnswerState
{
    /// <summary>It is there, positive or negative.</summary>
    Complete,

    /// <summary>It began and broke off.</summary>
    BrokenOff,

    /// <summary>The ECU asked for time (7F xx 78) and used it up.</summary>
    Overdue,
}

/// <summary>The answer of one ECU.</summary>
/// <param name="Ecu">The identifier of its frames.</param>
/// <param name="Message">Service + 40 (hexadecimal) and data, or 7F, service and code; empty if it is not complete.</param>
/// <param name="State">How it ended.</param>
public readonly record struct ObdAnswer(CanId Ecu, ReadOnlyMemory<byte> Message, ObdAnswerState State = ObdAnswerState.Complete)
{
    /// <summary>True if it holds what was asked for.</summary>
    public bool IsPositive => State == ObdAnswerState.Complete && Message.Length > 0 && Message.Span[0] != NegativeResponse.ServiceId;

    /// <summary>The code of a negative answer.</summary>
    public NegativeResponseCode? NegativeCode => State == ObdAnswerState.Complete && NegativeResponse.TryRead(Message.Span, out _, out var code) ? code : null;

    /// <summary>In words, why it holds nothing; null if it is positive.</summary>
    public string? Trouble => State switch
    {
        ObdAnswerState.BrokenOff => "the answer broke off",
        ObdAnswerState.Overdue => "asked for time and did not answer",
        _ when NegativeCode is { } code => code.ToString(),
        _ => IsPositive ? null : "the answer is malformed",
    };
}

/// <summary>The times of an exchange.</summary>
public sealed record ObdTiming
{
    /// <summary>
    /// How long an ECU may take to begin its answer: the 50 ms of SAE J1979 (P2CAN), and as much again for gateways and for when neither
    /// kernel nor process is in a hurry.
    /// </summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it may take after each 7F xx 78: 5 s (P2*CAN, SAE J1979, ISO 15765-4), and some more.</summary>
    public TimeSpan PendingAnswer { get; init; } = TimeSpan.FromMilliseconds(5100);

    /// <summary>How often in one exchange an ECU may ask for time.</summary>
    public int MaxPending { get; init; } = 12;

    /// <summary>The least time between the end of one exchange and the next request on the bus.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromMilliseconds(25);
}

/// <summary>What went wrong, apart from the bus.</summary>
public enum ObdFault
{
    /// <summary>What was asked for is not offered or not understood.</summary>
    Arguments,

    /// <summary>There is no such bus.</summary>
    NoSuchBus,

    /// <summary>The request could not be sent.</summary>
    NotSent,

    /// <summary>No ECU answers.</summary>
    NoAnswer,

    /// <summary>Not while the vehicle moves.</summary>
    VehicleMoves,

    /// <summary>The ECU refuses, or its answer makes no sense.</summary>
    Refused,

    /// <summary>Whoever asks may not do this.</summary>
    NotPermitted,
}

/// <summary>On-board diagnostics failed in a way that is not the bus's. The message is one line for people.</summary>
public sealed class ObdException(ObdFault fault, string message) : Exception(message)
{
    /// <summary>The kind of fault.</summary>
    public ObdFault Fault { get; } = fault;
}
