using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>It is not known which numbers of an assignment were used: both copies of its ledger are damaged or gone.</summary>
internal sealed class NumbersUnknownException(Assignment assignment) : Exception(
    $"the ledger of tenant {assignment.Tenant}, epoch {assignment.Epoch} is damaged: numbers could repeat; have the device assigned anew with a larger epoch")
{
    public Assignment Assignment { get; } = assignment;
}
