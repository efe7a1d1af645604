using System.IO.Enumeration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>How a tenant wants its records published; validated.</summary>
internal sealed record PublishingOptions
{
    public static PublishingOptions Default { get; } = new();

    /// <summary>How samples are written.</summary>
    public PayloadEncoding Encoding { get; init; } = PayloadEncoding.Json;

    /// <summary>The most that may be sent, in bytes a second with topics and headers, from 1; null for no limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>What is different while every byte costs; null for nothing.</summary>
    public MeteredRules? Metered { get; init; }
}

/// <summary>What may go over networks where every byte costs. The rest waits in the outbox.</summary>
/// <param name="Interfaces">Names of such networks' interfaces; <c>*</c> and <c>?</c> stand for any characters and any one.</param>
/// <param name="MinimumPriority">What is less than that waits.</param>
/// <param name="BytesPerSecond">The most that may be sent there; null for no other limit than elsewhere.</param>
internal sealed record MeteredRules(IReadOnlyList<string> Interfaces, Priority MinimumPriority, long? BytesPerSecond = null)
{
    /// <param name="networkInterface">What the connection goes over; one that is not known costs nothing.</param>
    public bool Concern(string? networkInterface) =>
        networkInterface is not null && Interfaces.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, networkInterface, ignoreCase: false));
}
