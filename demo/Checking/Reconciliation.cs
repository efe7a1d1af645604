using EdgeAgent.Demo.Agent;
using EdgeAgent.Demo.Broker;

namespace EdgeAgent.Demo.Checking;

/// <summary>A line of the reconciliation.</summary>
/// <param name="Text">What was counted.</param>
/// <param name="Count">How many.</param>
/// <param name="IsRight">Null if there is nothing to check.</param>
internal sealed record Finding(string Text, long Count, bool? IsRight = null);

/// <summary>Holds what arrived against what was recorded, sample by sample.</summary>
internal sealed class Reconciliation
{
    /// <summary>Times pass through the agent's clock of time since boot, which the system's clock may be slewed against meanwhile.</summary>
    private const long MaxTimeDifferenceUs = 100_000;

    private readonly List<Finding> _findings = [];
    private readonly List<string> _problems = [];

    /// <param name="recording">What was sent.</param>
    /// <param name="status">The agent's own account.</param>
    /// <param name="arrivals">What came.</param>
    /// <param name="firstSequence">The number that the drive's first sample must have.</param>
    public Reconciliation(Recording recording, AgentStatus status, Arrivals arrivals, long firstSequence)
    {
        int recorded = recording.Samples.Count, equal = 0, missing = 0;
        long differenceUs = 0;
        for (int i = 0; i < recorded; i++)
        {
            if (!arrivals.Samples.TryGetValue(firstSequence + i, out var came))
            {
                if (missing++ == 0) _problems.Add($"sequence number {firstSequence + i} is the first that is missing: {recording.Samples[i].Name} = {recording.Samples[i].Value}");
                continue;
            }
            differenceUs = Math.Max(differenceUs, Math.Abs(came.TimeUs - recording.Samples[i].TimeUs));
            if (IsEqual(recording.Samples[i], came)) equal++;
            else if (_problems.Count < 5) _problems.Add($"sequence number {firstSequence + i}: sent {recording.Samples[i].Name} = {recording.Samples[i].Value}, received {came.Name} = {came.Value}");
        }
        long outside = arrivals.Samples.Keys.Count(number => number < firstSequence || number >= firstSequence + recorded);

        Captured = recorded;
        Delivered = recorded - missing;
        Missing = missing;
        UnderAnotherTenant = arrivals.UnderAnotherTenant;
        Add("frames in the log", recording.Frames);
        Add("  of which no DBC file knows", recording.UnknownFrames);
        Add("  read by the agent", status.Frames, status.Frames == recording.Frames);
        Add("samples in the log, as the demo decodes it", recorded);
        Add("  captured by the agent", status.Samples, status.Samples == recorded);
        Add("  dropped by the agent", status.Dropped, status.Dropped == 0);
        Add("  acknowledged by the broker", status.Delivered, status.Delivered == recorded);
        Add("samples received by the subscriber", arrivals.Received);
        Add("  with a sequence number of their own", arrivals.Samples.Count, arrivals.Samples.Count == recorded);
        Add("  that came again after the cut (QoS 1)", arrivals.Received - arrivals.Samples.Count, arrivals.Contradictions == 0);
        Add("  missing sequence numbers", missing, missing == 0);
        Add("  sequence numbers out of range", outside, outside == 0);
        Add("  equal in name, value and order", equal, equal == recorded);
        Add("  largest difference in time, in µs", differenceUs, differenceUs <= MaxTimeDifferenceUs);
        Add("  under another tenant", arrivals.UnderAnotherTenant, arrivals.UnderAnotherTenant == 0);
        Add("messages that could not be read", arrivals.Unreadable, arrivals.Unreadable == 0);
    }

    public long Captured { get; }

    public long Delivered { get; }

    public long Missing { get; }

    public long UnderAnotherTenant { get; }

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>What differs, with examples.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public bool IsRight => _problems.Count == 0 && _findings.All(finding => finding.IsRight is not false);

    /// <summary>Adds something that went wrong besides.</summary>
    public void AddProblem(string problem) => _problems.Add(problem);

    /// <summary>The result in one line.</summary>
    public string Summary => IsRight
        ? $"captured {Captured} = delivered {Delivered}, {Missing} lost, {UnderAnotherTenant} under another tenant"
        : $"NOT RIGHT: captured {Captured}, delivered {Delivered}, {Missing} lost, {UnderAnotherTenant} under another tenant; see above";

    public void Print(TextWriter output)
    {
        output.WriteLine("Reconciliation");
        foreach (var finding in Findings)
            output.WriteLine($"  {finding.Text,-46}{finding.Count,9}{(finding.IsRight switch { null => "", true => "  ok", false => "  WRONG" })}");
        foreach (string problem in Problems) output.WriteLine($"  ! {problem}");
    }

    private void Add(string text, long count, bool? isRight = null) => _findings.Add(new Finding(text, count, isRight));

    private static bool IsEqual(ExpectedSample sent, ReceivedSample came) => sent.Name == came.Name && sent.Value == came.Value;
}
