using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>Records that no ledger accounts for.</summary>
/// <param name="Assignment">Whose they say that they are.</param>
/// <param name="Stream">In which stream.</param>
/// <param name="From">The first of their numbers.</param>
/// <param name="To">The last, included.</param>
/// <param name="Why">Why they are strangers.</param>
internal readonly record struct Stranger(Assignment Assignment, RecordStream Stream, long From, long To, string Why)
{
    /// <summary>So many are named, of each stream and of those under wrong topics; the others are only counted.</summary>
    public const int MaxNamed = 10;
}
