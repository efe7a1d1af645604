using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>What becomes of an answer on its way.</summary>
internal enum AnswerManner
{
    /// <summary>It is sent as ISO 15765-2 has it.</summary>
    Normal,

    /// <summary>Nothing is sent.</summary>
    Silent,

    /// <summary>Of several frames, the second has the wrong sequence number.</summary>
    WrongSequence,

    /// <summary>Of several frames, all but the last are sent.</summary>
    CutOff,

    /// <summary>Bytes by chance in place of the answer's.</summary>
    Garbage,
}

/// <summary>How an ECU answers to some requests otherwise than it would. Of several rules that fit the first counts.</summary>
/// <param name="Ecu">Whose rule it is; null for all ECUs.</param>
/// <param name="Request">What the requests begin with.</param>
internal sealed record AnswerRule(string? Ecu, ReadOnlyMemory<byte> Request)
{
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    public const int MaxPending = 100;

    public AnswerManner Manner { get; init; }

    /// <summary>From the request to the answer, or to the first 7F xx 78.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How often 7F xx 78 comes before the answer.</summary>
    public int Pending { get; init; }

    /// <summary>From each 7F xx 78 to what follows it.</summary>
    public TimeSpan PendingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Refuses with this code.</summary>
    public NegativeResponseCode? Refusal { get; init; }

    /// <summary>Answers this.</summary>
    public ReadOnlyMemory<byte>? Answer { get; init; }

    public bool Fits(EcuDescription ecu, ReadOnlySpan<byte> request) => (Ecu is null || Ecu == ecu.Name) && request.StartsWith(Request.Span);
}

/// <summary>Something that an ECU sends.</summary>
/// <param name="After">So long after the request.</param>
/// <param name="Message">Of at least one byte.</param>
/// <param name="Manner">How.</param>
internal readonly record struct PlannedAnswer(TimeSpan After, ReadOnlyMemory<byte> Message, AnswerManner Manner);

/// <summary>An ECU and the rules that change its answers. Not thread-safe.</summary>
internal sealed class RuledEcu(EcuDescription description, IReadOnlyList<AnswerRule> rules, Random random)
{
    private const int MaxGarbage = 24;

    private static readonly AnswerRule None = new(null, default);

    private readonly SimulatedEcu _ecu = new(description);

    public EcuDescription Description => description;

    /// <summary>What is sent for a request, in order; nothing while the vehicle sleeps.</summary>
    public IReadOnlyList<PlannedAnswer> Plan(ReadOnlyMemory<byte> request, bool isFunctional, VehicleState state, TimeSpan now)
    {
        if (!state.IsAwake) return [];
        byte service = request.Span[0];
        var rule = rules.FirstOrDefault(rule => rule.Fits(description, request.Span)) ?? None;
        if (rule.Manner == AnswerManner.Silent) return [];
        if (Message(rule, request.Span, isFunctional, state, now) is not { } message) return [];
        List<PlannedAnswer> planned = [];
        for (int i = 0; i < rule.Pending; i++)
            planned.Add(new(rule.Delay + i * rule.PendingInterval, new[] { NegativeResponse.ServiceId, service, NegativeResponseCode.ResponsePending.Value }, AnswerManner.Normal));
        planned.Add(new(rule.Delay + rule.Pending * rule.PendingInterval, message, rule.Manner));
        return planned;
    }

    private byte[]? Message(AnswerRule rule, ReadOnlySpan<byte> request, bool isFunctional, VehicleState state, TimeSpan now)
    {
        if (rule.Manner == AnswerManner.Garbage)
        {
            byte[] garbage = new byte[random.Next(1, MaxGarbage + 1)];
            random.NextBytes(garbage);
            return garbage;
        }
        if (rule.Refusal is { } code) return [NegativeResponse.ServiceId, request[0], code.Value];
        return rule.Answer is { } given ? given.ToArray() : _ecu.Answer(request, isFunctional, state, now);
    }
}
