using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>What the broker said last, and how long ago, for whoever asks why nothing arrives. Any thread.</summary>
internal sealed class BrokerHistory(TimeProvider time)
{
    /// <summary>More tenants than a device has records of; beyond it all are forgotten.</summary>
    private const int MaxTenants = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Answers> _answers = [];
    private BrokerException? _trouble;
    private long? _troubledAt;

    /// <summary>The connection was not made or has ended.</summary>
    public void AddTrouble(BrokerException trouble)
    {
        lock (_gate) (_trouble, _troubledAt) = (trouble, time.GetTimestamp());
    }

    /// <summary>A batch of a tenant's records was not taken.</summary>
    public void AddRefusal(TenantId tenant, string message)
    {
        lock (_gate)
        {
            var known = Of(tenant);
            _answers[tenant] = known with { Refusals = known.Refusals + 1, Refusal = message, RefusedAt = time.GetTimestamp() };
        }
    }

    /// <summary>A batch of a tenant's records was acknowledged.</summary>
    public void AddAcknowledgement(TenantId tenant)
    {
        lock (_gate) _answers[tenant] = Of(tenant) with { AcknowledgedAt = time.GetTimestamp() };
    }

    /// <summary>A moment's picture, as one tenant may see it; null for a device that belongs to nobody.</summary>
    public BrokerReport Read(TenantId? tenant)
    {
        lock (_gate)
        {
            var answers = tenant is { } one ? _answers.GetValueOrDefault(one) : default;
            return new BrokerReport(_trouble?.Fault, _trouble?.Message, Age(_troubledAt), answers.Refusals, answers.Refusal, Age(answers.RefusedAt), Age(answers.AcknowledgedAt));
        }
    }

    private Answers Of(TenantId tenant)
    {
        if (_answers.TryGetValue(tenant, out var known)) return known;
        if (_answers.Count == MaxTenants) _answers.Clear();
        return default;
    }

    private TimeSpan? Age(long? moment) => moment is { } at ? time.GetElapsedTime(at) : null;

    private readonly record struct Answers(long Refusals, string? Refusal, long? RefusedAt, long? AcknowledgedAt);
}

/// <summary>What the broker said since the agent's start.</summary>
/// <param name="Fault">The kind of <paramref name="Trouble"/>.</param>
/// <param name="Trouble">Why the last connection was not made or has ended; null if that never happened.</param>
/// <param name="TroubleAge">How long ago.</param>
/// <param name="Refusals">How many batches of records were answered with a reason code from 0x80 on.</param>
/// <param name="Refusal">The last of them, for people.</param>
/// <param name="RefusalAge">How long ago.</param>
/// <param name="AcknowledgementAge">How long ago the last batch of records was acknowledged; null if none was.</param>
internal sealed record BrokerReport(
    BrokerFault? Fault = null, string? Trouble = null, TimeSpan? TroubleAge = null, long Refusals = 0, string? Refusal = null, TimeSpan? RefusalAge = null, TimeSpan? AcknowledgementAge = null);
