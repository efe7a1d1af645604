using System.Globalization;
using EdgeAgent.Outbox;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What happened in one seed or in many.</summary>
internal sealed class SimulationTotals
{
    public int Seeds { get; set; }
    public int Lives { get; set; }
    public int Restarts { get; set; }
    public int FailedStarts { get; set; }
    public int Crashes { get; set; }
    public int PowerCuts { get; set; }
    public int ClockJumps { get; set; }
    public int Assignments { get; set; }
    public int Purges { get; set; }
    public int Trials { get; set; }
    public int RolledBack { get; set; }
    public int Refused { get; set; }
    public int Commands { get; set; }
    public int Executed { get; set; }
    public int Answered { get; set; }
    public int Forgeries { get; set; }
    public long Frames { get; set; }
    public long Samples { get; set; }
    public long Messages { get; set; }
    public long Repeated { get; set; }
    public long Safe { get; set; }
    public long Turns { get; set; }
    public long TurnsForPool { get; set; }
    public double SimulatedSeconds { get; set; }

    /// <summary>Records by what the ledgers say in the end.</summary>
    public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

    public void Add(SimulationTotals other)
    {
        Seeds += other.Seeds;
        Lives += other.Lives;
        Restarts += other.Restarts;
        FailedStarts += other.FailedStarts;
        Crashes += other.Crashes;
        PowerCuts += other.PowerCuts;
        ClockJumps += other.ClockJumps;
        Assignments += other.Assignments;
        Purges += other.Purges;
        Trials += other.Trials;
        RolledBack += other.RolledBack;
        Refused += other.Refused;
        Commands += other.Commands;
        Executed += other.Executed;
        Answered += other.Answered;
        Forgeries += other.Forgeries;
        Frames += other.Frames;
        Samples += other.Samples;
        Messages += other.Messages;
        Repeated += other.Repeated;
        Safe += other.Safe;
        Turns += other.Turns;
        TurnsForPool += other.TurnsForPool;
        SimulatedSeconds += other.SimulatedSeconds;
        foreach (var (outcome, count) in other.Outcomes) Count(outcome, count);
    }

    public void Count(LedgerRange range) => Count(LedgerWords.Of(range.Reason) is { } reason ? $"{LedgerWords.Of(range.Outcome)} ({reason})" : LedgerWords.Of(range.Outcome), range.Count);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"""
        {Seeds} seeds, {SimulatedSeconds / 3600:F1} hours, {Turns} turns and {TurnsForPool} that were meant for the thread pool: {Restarts} restarts, {FailedStarts} failed starts, {Crashes} crashes, {PowerCuts} power cuts, {ClockJumps} clock jumps
        {Assignments} assignments ({Purges} purges); configurations: {Trials} tried, {RolledBack} rolled back, {Refused} refused; {Commands} commands, {Executed} executed, {Answered} answered; {Forgeries} forgeries
        {Frames} frames; received {Samples} samples and {Messages} messages, {Repeated} of them again; {Safe} records were safe
        ledgers: {string.Join(", ", Outcomes.Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Key} {outcome.Value}")))}
        """);

    private void Count(string outcome, long count) => Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + count;
}
