using System.Globalization;

namespace EdgeAgent.Cli.Doctor;

/// <summary>What the broker takes.</summary>
internal static class DeliveryChecks
{
    /// <summary>While the broker is connected nothing waits as long as this by itself.</summary>
    private const double LongSeconds = 300;

    public static IEnumerable<Finding> Access(Facts facts)
    {
        const string check = "access";
        if (facts.Status?.Broker is not { } broker)
        {
            yield return Finding.Skipped(Link.Access, check, "the running agent alone tells what the broker refused");
            yield break;
        }
        const string remedy = "let the device write and read its topics: rules for mosquitto and EMQX are in packaging/broker (/usr/share/edge-agent/broker); the broker's list must have the device under this tenant";
        bool isRefusedNow = broker.Refusal is not null && !(broker.AcknowledgedSeconds <= broker.RefusalSeconds);
        if (isRefusedNow)
            yield return Finding.Failed(Link.Access, check, $"{broker.Refusal} ({broker.Refusals} refused)", remedy);
        else if (broker.Refusal is not null)
            yield return Finding.Warning(Link.Access, check, $"refused earlier, accepted now: {broker.Refusal}", "nothing, if the broker's rules were corrected meanwhile");
        foreach (string subscription in broker.RefusedSubscriptions)
            yield return Finding.Failed(Link.Access, "subscription", subscription, remedy, breaks: facts.Status.Sources.Count == 0);
        if (broker.Refusal is null && broker.RefusedSubscriptions.Count == 0)
            yield return Finding.Ok(Link.Access, check, "the broker has refused nothing");
    }

    public static IEnumerable<Finding> Delivery(Facts facts)
    {
        const string check = "delivery";
        if (facts.Status is not { Tenant: not null } status)
        {
            yield return Finding.Skipped(Link.Delivery, check, "nothing is known of records");
            yield break;
        }
        var outbox = status.Outbox;
        string last = status.Broker.AcknowledgedSeconds is { } age ? string.Create(CultureInfo.InvariantCulture, $"last PUBACK {age:0.#} s ago") : "no PUBACK yet";
        string evidence = $"{outbox.DeliveredSamples} samples delivered, {outbox.BufferedSamples} wait, {last}";
        yield return status.Broker.IsConnected && outbox.OldestSeconds > LongSeconds && !(status.Broker.AcknowledgedSeconds < LongSeconds)
            ? Finding.Warning(Link.Delivery, check, $"{evidence}; the broker is connected, and the oldest has waited {outbox.OldestSeconds:0} s", "see publishing in the configuration: bytes a second, and rules for metered networks", breaks: true)
            : Finding.Ok(Link.Delivery, check, evidence);
    }
}
