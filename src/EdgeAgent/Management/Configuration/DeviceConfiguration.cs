using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Configuration;

/// <summary>What belongs to the device itself and no tenant can change. Immutable; paths are absolute.</summary>
internal sealed record DeviceConfiguration
{
    public required DeviceId Device { get; init; }

    /// <summary>Whose signature an assignment must have. Empty for a device with a fixed assignment, which takes none from outside.</summary>
    public required IReadOnlyList<VerificationKey> PlatformKeys { get; init; }

    public required BrokerOptions Broker { get; init; }

    /// <summary>Where everything is kept that has to outlive the agent.</summary>
    public required string StateDirectory { get; init; }

    public required OutboxOptions Outbox { get; init; }

    /// <summary>Where else than on its socket the local API is served; null for nowhere.</summary>
    public LocalApiOptions? LocalApi { get; init; }

    /// <summary>How long a stop goes on publishing; what is left then stays in the outbox.</summary>
    public required TimeSpan Drain { get; init; }
}
