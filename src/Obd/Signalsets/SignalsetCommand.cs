using EdgeAgent.Can;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>The transports of the format.</summary>
public enum SignalsetProtocol
{
    /// <summary>ISO 15765-4 with 11-bit identifiers.</summary>
    Can11Bit,

    /// <summary>ISO 15765-4 with 29-bit identifiers.</summary>
    Can29Bit,

    /// <summary>ISO 9141-2.</summary>
    KLine,
}

/// <summary>A request, and the signals in its answer.</summary>
public sealed record SignalsetCommand
{
    private const uint DefaultPriority = 0x18, DefaultTester = 0xF1, PhysicalAddressing = 0xDA;

    /// <summary><c>HEADER[.RECEIVE].COMMAND[|options]</c>, such as <c>6F1.607.226335|e=07,fc=1</c>; the options are t (timeout), e (extended
    /// address), ta (tester address), fc (flow control), p (protocol), c (priority) and f (filter).</summary>
    public required string Id { get; init; }

    /// <summary><c>hdr</c>: three hexadecimal digits are an 11-bit identifier, four the middle of a 29-bit one.</summary>
    public required string Header { get; init; }

    /// <summary><c>rax</c>: of whom answers are; null if of anybody.</summary>
    public string? Receive { get; init; }

    /// <summary><c>eax</c>: the ECU's address in front of each frame's data (ISO 15765-2 extended addressing).</summary>
    public byte? ExtendedAddress { get; init; }

    /// <summary><c>pri</c>: the highest 5 bits of a 29-bit identifier, as it is written in the byte.</summary>
    public byte? Priority { get; init; }

    /// <summary><c>tst</c>: the tester's address.</summary>
    public byte? TesterAddress { get; init; }

    /// <summary><c>tmo</c>: how long to wait, as an ELM327 is told it, in units of 4 ms.</summary>
    public byte? Timeout { get; init; }

    /// <summary><c>fcm1</c>: the tester's flow control frames have to be set by hand, which concerns an ELM327 alone.</summary>
    public bool NeedsFlowControl { get; init; }

    /// <summary><c>dbg</c>: meant for finding out, not for users.</summary>
    public bool IsDebug { get; init; }

    /// <summary><c>din</c>: the diagnostic session in which the ECU has to be; null for any.</summary>
    public byte? Session { get; init; }

    /// <summary><c>dout</c>: the diagnostic session to go back to afterwards.</summary>
    public byte? SessionAfterwards { get; init; }

    /// <summary><c>cmd</c>: service and parameter, 2–8 bytes.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary><c>freq</c>: how long to wait from one request to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary><c>proto</c>, or what follows from the header.</summary>
    public required SignalsetProtocol Protocol { get; init; }

    /// <summary><c>filter</c>: for which model years; null for all.</summary>
    public ModelYearFilter? Filter { get; init; }

    /// <summary><c>dbgfilter</c>: for which model years it is still to be found out whether it works; null for none.</summary>
    public ModelYearFilter? DebugFilter { get; init; }

    /// <summary>What the answer holds.</summary>
    public required IReadOnlyList<SignalsetSignal> Signals { get; init; }

    /// <summary>The identifier of its requests; null on a K line.</summary>
    public CanId? RequestId => Protocol switch
    {
        SignalsetProtocol.Can11Bit => CanId.FromRaw(Value(Header)),
        SignalsetProtocol.Can29Bit => Extended((uint)Value(Header) << 8 | (TesterAddress ?? DefaultTester)),
        _ => null,
    };

    /// <summary>The identifier of its answers; null if anybody's count.</summary>
    public CanId? AnswerId => Receive is null ? null : AnswerIdFor(TesterAddress ?? DefaultTester);

    /// <summary>Whether an answer with this identifier is one to it.</summary>
    /// <param name="from">Null if it is not known, which counts as whoever was asked.</param>
    public bool IsAnsweredBy(CanId? from) =>
        Receive is null || from is not { } id || id == AnswerId || id == AnswerIdFor(DefaultTester);

    /// <summary>Whether a message begins as its answer does.</summary>
    public bool IsAnswer(ReadOnlySpan<byte> message)
    {
        var request = Request.Span;
        return message.Length >= request.Length && message[0] == request[0] + 0x40 && message[1..request.Length].SequenceEqual(request[1..]);
    }

    /// <summary>Whether it is for a model year; with null, for any.</summary>
    public bool IsFor(int? year) => Filter is null || year is not { } given || Filter.Matches(given);

    private CanId? AnswerIdFor(uint tester) => (Protocol, Receive!.Length) switch
    {
        (SignalsetProtocol.KLine, _) => null,
        (_, 8) => CanId.Extended((uint)Value(Receive) & CanId.MaxExtended),
        (SignalsetProtocol.Can11Bit, _) => CanId.FromRaw(Value(Receive)),
        (_, 5 or 6) => Extended(Value(Receive)),
        (_, 3 or 4) => Extended(PhysicalAddressing << 16 | Value(Receive)),
        _ => Extended(PhysicalAddressing << 16 | tester << 8 | Value(Receive)),
    };

    private CanId Extended(uint low) => CanId.Extended(((uint)(Priority ?? DefaultPriority) << 24 | low & 0xFFFFFF) & CanId.MaxExtended);

    private static uint Value(string hexadecimal) => Convert.ToUInt32(hexadecimal, 16);
}

/// <summary>One value in an answer.</summary>
/// <param name="Id">Unique in a vehicle.</param>
/// <param name="Name">For people.</param>
/// <param name="Format">How it is read.</param>
public sealed record SignalsetSignal(string Id, string Name, SignalFormat Format)
{
    /// <summary>Where people look for it: <c>Battery.Pack</c>.</summary>
    public string? Path { get; init; }

    /// <summary>In more words.</summary>
    public string? Description { get; init; }

    /// <summary>Not to be shown to users.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What of a vehicle it is in the words of the format: <c>odometer</c>.</summary>
    public string? SuggestedMetric { get; init; }
}
