using System.Globalization;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The way to the broker: by what was seen now, and by what the agent's own last attempt came to.</summary>
internal static class NetworkChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Name(Facts facts) =>
        Of(facts, Link.Name, "DNS", facts.Network?.Name, "name", "check /broker/url, and the name server: resolvectl status, cat /etc/resolv.conf; the modem may have no data connection");

    public static IEnumerable<Finding> Route(Facts facts) =>
        Of(facts, Link.Route, "route", facts.Network?.Route, "route", "check the modem or network: ip route; ip address; mmcli -m any (SIM, APN, signal)");

    public static IEnumerable<Finding> Tcp(Facts facts) =>
        Of(facts, Link.Tcp, "TCP", facts.Network?.Tcp, "tcp", "check the port in /broker/url, that the broker runs, and that no firewall drops it");

    public static IEnumerable<Finding> Tls(Facts facts)
    {
        if (facts.Network is { IsTls: false })
            return [Finding.Warning(Link.Tls, "TLS", "the connection is not encrypted (mqtt://): passwords and data can be read on the way", "use mqtts:// in /broker/url")];
        return Of(facts, Link.Tls, "TLS", facts.Network?.Tls, "tls", "see /broker/authorityFile, certificateFile, privateKeyFile; README, \"The broker\"");
    }

    public static IEnumerable<Finding> Certificates(Facts facts)
    {
        if (facts.Network?.BrokerCertificateUntil is { } until) yield return Expiry(facts, "certificate", "the broker's certificate", until, "whoever runs the broker has to renew it");
        if (facts.Network?.DeviceCertificate is { } own) yield return Expiry(facts, "own certificate", $"this device's certificate ({own.File})", own.Until, "renew it");
    }

    public static IEnumerable<Finding> Credentials(Facts facts)
    {
        const string remedy = "check /broker/userName and /broker/passwordFile (the password is its first line), and the broker's list of users";
        if (facts.Status?.Broker is { IsConnected: false, Fault: "file", Trouble: { } file }) return [Finding.Failed(Link.Credentials, "MQTT", file, "make the file readable for the agent's user: chgrp edge-agent, chmod 640")];
        if (facts.Network?.Connack is { } connack)
            return [connack.Trouble is { } refused ? Finding.Failed(Link.Credentials, "MQTT", refused, facts.Network.IsRefused ? remedy : "see the broker's log") : Finding.Ok(Link.Credentials, "MQTT", connack.Evidence)];
        return facts.Status?.Broker switch
        {
            { IsConnected: true } broker => [Finding.Ok(Link.Credentials, "MQTT", $"the agent is connected to {broker.Url}")],
            { Fault: "credentials" or "connack", Trouble: { } trouble } broker => [Finding.Failed(Link.Credentials, "MQTT", trouble + Ago(broker.TroubleSeconds), broker.Fault == "credentials" ? remedy : "see the broker's log")],
            { Fault: "other", Trouble: { } trouble } broker => [Finding.Failed(Link.Credentials, "MQTT", trouble + Ago(broker.TroubleSeconds), "see the broker's log; another client with this device's id ends its connection, too")],
            null => [Finding.Skipped(Link.Credentials, "MQTT", "not tried: --connect does, with a client id of its own")],
            _ => [Finding.Skipped(Link.Credentials, "MQTT", "the agent has not come that far; --connect tries")],
        };
    }

    private static Finding Expiry(Facts facts, string check, string whose, DateTimeOffset until, string remedy)
    {
        string day = until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var now = facts.Machine.Now;
        return until < now ? Finding.Failed(Link.Tls, check, $"{whose} expired on {day}", remedy, breaks: facts.Status?.Broker.IsConnected != true)
            : until - now < Soon ? Finding.Warning(Link.Tls, check, $"{whose} expires on {day}", remedy)
            : Finding.Ok(Link.Tls, check, $"{whose} is valid until {day}");
    }

    private static IEnumerable<Finding> Of(Facts facts, Link link, string check, Step? step, string fault, string remedy)
    {
        if (step?.Trouble is { } trouble) return [Finding.Failed(link, check, trouble, remedy, breaks: facts.Status?.Broker.IsConnected != true)];
        var broker = facts.Status?.Broker;
        if (broker is { IsConnected: false, Trouble: { } last } && broker.Fault == fault)
        {
            // What went well a moment ago is not what keeps the agent away, unless it is about this device's certificate, which the broker looks at later.
            return step is null || link == Link.Tls ? [Finding.Failed(link, check, last + Ago(broker.TroubleSeconds), remedy)]
                : [Finding.Warning(link, check, $"{step.Evidence} now, but the agent's last attempt{Ago(broker.TroubleSeconds)} failed: {last}", "wait for its next attempt, a minute at most")];
        }
        if (step is not null) return [Finding.Ok(link, check, step.Evidence)];
        return [broker?.IsConnected == true ? Finding.Ok(link, check, "the agent is connected") : Finding.Skipped(link, check, "not tried, since a step before it failed or the files for it are not known")];
    }

    private static string Ago(double? seconds) => seconds is { } known ? string.Create(CultureInfo.InvariantCulture, $" ({known:0} s ago)") : "";
}
