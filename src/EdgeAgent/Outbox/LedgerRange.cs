using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Outbox;

/// <summary>What became of a record.</summary>
internal enum LedgerOutcome
{
    /// <summary>The broker has acknowledged it.</summary>
    Delivered,

    /// <summary>It waits in memory or on the disk.</summary>
    Buffered,

    /// <summary>It was given up to make room, or because its time was over.</summary>
    Evicted,

    /// <summary>It is known to be gone.</summary>
    Lost,

    /// <summary>It may have been delivered, may be lost, or may be a number that was never used.</summary>
    Unconfirmed,

    /// <summary>It was destroyed with all else of its tenant.</summary>
    Purged,
}

/// <summary>Why a record is neither delivered nor buffered.</summary>
internal enum LedgerReason
{
    None,

    /// <summary>The tenant's quota or the store's limit was reached.</summary>
    Quota,

    /// <summary>Neither disk nor memory had room.</summary>
    DiskFull,

    /// <summary>The disk has altered or lost it, or its key.</summary>
    Corrupt,

    /// <summary>The run ended without a proper stop.</summary>
    PowerCut,

    /// <summary>The time was over in which an earlier tenant's records are still delivered.</summary>
    HandOver,

    /// <summary>The tenant was purged.</summary>
    Purge,

    /// <summary>Ranges of different outcome were put together, since a stream has only so many.</summary>
    Merged,

    /// <summary>The broker takes no message as large as the one that it would be.</summary>
    TooLarge,
}

/// <summary>Consecutive numbers of one stream with the same fate.</summary>
/// <param name="From">The first number.</param>
/// <param name="To">The last number; not below <paramref name="From"/>.</param>
/// <param name="Outcome">What became of them.</param>
/// <param name="Reason">Why, unless they were delivered or wait.</param>
internal readonly record struct LedgerRange(long From, long To, LedgerOutcome Outcome, LedgerReason Reason = LedgerReason.None)
{
    public long Count => To - From + 1;

    public bool IsSame(LedgerRange other) => Outcome == other.Outcome && Reason == other.Reason;
}

/// <summary>The words of the ledger document.</summary>
internal static class LedgerWords
{
    private static readonly string[] Outcomes = ["delivered", "buffered", "evicted", "lost", "unconfirmed", "purged"];

    private static readonly string?[] Reasons = [null, "quota", "disk-full", "corrupt", "power-cut", "hand-over", "purge", "merged", "too-large"];

    public static string Of(LedgerOutcome outcome) => Outcomes[(int)outcome];

    public static string? Of(LedgerReason reason) => Reasons[(int)reason];

    public static bool TryParse([NotNullWhen(true)] string? outcome, string? reason, out (LedgerOutcome Outcome, LedgerReason Reason) words)
    {
        int first = outcome is null ? -1 : Array.IndexOf(Outcomes, outcome), second = Array.IndexOf(Reasons, reason);
        words = ((LedgerOutcome)first, (LedgerReason)second);
        return first >= 0 && second >= 0;
    }
}
