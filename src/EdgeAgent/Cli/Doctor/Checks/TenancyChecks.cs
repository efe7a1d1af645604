namespace EdgeAgent.Cli.Doctor;

/// <summary>Whose the device is, and what it shall capture. Both come over the broker: while that is away it is the broker's link that is broken.</summary>
internal static class TenancyChecks
{
    private const string Fixed = "fixed";

    public static IEnumerable<Finding> Assignment(Facts facts)
    {
        const string check = "assignment";
        if (facts.Status is not { } status)
        {
            var assigned = facts.Setup.Configuration?.Assignment;
            yield return assigned is null ? Finding.Skipped(Link.Assignment, check, "the running agent alone tells") : Finding.Ok(Link.Assignment, check, $"tenant {assigned.Tenant}, epoch {assigned.Epoch}, by the file");
        }
        else if (status.Tenant is { } tenant)
        {
            yield return Finding.Ok(Link.Assignment, check, $"tenant {tenant}, epoch {status.Epoch}");
        }
        else
        {
            bool isFixed = status.Configuration.Status == Fixed;
            string why = isFixed ? "the device belongs to nobody by its own file, so nothing is captured"
                : $"the device belongs to nobody, so nothing is captured{(status.Broker.IsConnected ? "; no assignment came over the broker" : "; the broker, over which the assignment comes, is away")}";
            yield return Finding.Failed(Link.Assignment, check, why,
                isFixed ? "name its tenant in /tenant" : $"edge-agent assignment sign --device {status.Device} …, and publish it retained to devices/{status.Device}/assignment",
                breaks: isFixed || status.Broker.IsConnected);
        }
    }

    public static IEnumerable<Finding> Configuration(Facts facts)
    {
        const string check = "configuration";
        if (facts.Status is not { } status)
        {
            yield return Finding.Skipped(Link.Configuration, check, "the running agent alone tells");
            yield break;
        }
        if (status.Tenant is not { } tenant)
        {
            yield return Finding.Skipped(Link.Configuration, check, "there is none while the device belongs to nobody");
            yield break;
        }
        var configuration = status.Configuration;
        bool capturesNothing = status.Sources.Count == 0;
        string versions = $"version {configuration.TenantVersion ?? 0}/{configuration.DeviceVersion ?? 0} is in force";
        string mistakes = string.Join("; ", configuration.Mistakes.Take(3));
        string place = $"tenants/{tenant}/config";
        if (configuration.Trouble is { } trouble)
        {
            yield return Finding.Failed(Link.Configuration, check, trouble, "assign the device anew with a larger epoch, or repair its disk");
            yield break;
        }
        yield return configuration.Status switch
        {
            "refused" or "rolled-back" => Finding.Failed(Link.Configuration, check,
                $"the newest configuration was {(configuration.Status == "refused" ? "refused" : "rolled back")}: {mistakes}; {(capturesNothing ? "nothing is captured" : versions)}",
                $"correct it, check it with edge-agent config validate, sign it with a larger version, publish it retained to {place}", breaks: capturesNothing),
            "waiting" => Finding.Warning(Link.Configuration, check, $"it waits for {configuration.MissingArtifacts} files that have not come; {(capturesNothing ? "nothing is captured" : versions)}",
                $"publish them retained: edge-agent artifact split, tenants/{tenant}/artifacts/…", breaks: capturesNothing && status.Broker.IsConnected),
            "none" => Finding.Failed(Link.Configuration, check, $"tenant {tenant} has configured nothing, so nothing is captured{(status.Broker.IsConnected ? "" : "; the broker, over which it comes, is away")}",
                $"edge-agent config sign --tenant {tenant} …, and publish it retained to {place}", breaks: status.Broker.IsConnected),
            _ when capturesNothing => Finding.Failed(Link.Configuration, check, "the configuration names no source, so nothing is captured", "name one in sources[]"),
            "trial" => Finding.Ok(Link.Configuration, check, $"{versions}, on trial"),
            Fixed => Finding.Ok(Link.Configuration, check, $"by the file on the device, {status.Sources.Count} sources"),
            _ => Finding.Ok(Link.Configuration, check, $"applied, {versions}, {status.Sources.Count} sources"),
        };
    }
}
