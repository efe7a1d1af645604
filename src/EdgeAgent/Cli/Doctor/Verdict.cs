using System.Globalization;
using EdgeAgent.Management;

namespace EdgeAgent.Cli.Doctor;

/// <summary>The answer to the question why there is no data.</summary>
/// <param name="Broken">The first broken link; null if there is none.</param>
/// <param name="SamplesPerSecond">Captured now; null if that is not known.</param>
/// <param name="AcknowledgedSeconds">How long ago the broker last acknowledged records; null if it has not.</param>
/// <param name="Delivered">Samples that it has acknowledged.</param>
/// <param name="Waiting">Samples that wait.</param>
/// <param name="ExitCode">For the shell.</param>
internal sealed record Verdict(Finding? Broken, double? SamplesPerSecond, double? AcknowledgedSeconds, long Delivered, long Waiting, int ExitCode)
{
    /// <summary>Something else that failed, on which no record waits.</summary>
    public Finding? Beside { get; init; }

    /// <summary>Whether records arrive at all, as far as can be seen.</summary>
    public bool Flows => Broken is null && AcknowledgedSeconds is not null;

    public static Verdict Of(Facts facts)
    {
        var findings = Examination.Of(facts);
        var broken = Examination.FirstBroken(findings);
        var status = facts.Status;
        // Without a status nothing is known of what flows, and a user without a role has to be told so.
        broken ??= status is null ? findings.First(finding => finding.Link == Link.Service) : null;
        int code = !facts.Agent.IsRunning ? Cli.ExitCode.NotRunning : broken is not null ? Cli.ExitCode.Failed : Cli.ExitCode.Done;
        return new Verdict(broken, facts.Agent.SamplesPerSecond, status?.Broker.AcknowledgedSeconds, status?.Outbox.DeliveredSamples ?? 0, status?.Outbox.BufferedSamples ?? 0, code)
        {
            Beside = broken is null ? findings.FirstOrDefault(finding => finding.Outcome == Outcome.Failed) : null,
        };
    }

    public IEnumerable<string> Lines()
    {
        if (Broken is { } broken)
        {
            foreach (string line in WordWrap.Lines($"No data, because of the {NameOf(broken.Link)}: {Named(broken)}")) yield return line;
            foreach (string line in FindingText.Remedy(broken.Remedy, indent: 0)) yield return line;
            yield break;
        }
        string last = AcknowledgedSeconds is { } age ? string.Create(CultureInfo.InvariantCulture, $"last PUBACK {age:0.#} s ago") : "no PUBACK yet";
        string rate = SamplesPerSecond is { } speed ? string.Create(CultureInfo.InvariantCulture, $"{speed:0.#} samples/s captured") : "no rate known";
        foreach (string line in WordWrap.Lines($"{(Flows ? "Data flows" : "Nothing is broken, and nothing was delivered yet")}: {rate}, {last}, {Delivered} samples delivered, {Waiting} wait.")) yield return line;
        if (Beside is not { } beside) yield break;
        foreach (string line in WordWrap.Lines($"Beside that, {NameOf(beside.Link)}: {beside.Evidence}")) yield return line;
        foreach (string line in FindingText.Remedy(beside.Remedy, indent: 0)) yield return line;
    }

    public string Json() => JsonMembers.Text(json =>
    {
        json.WriteString("status"u8, Broken is not null ? "broken" : Flows ? "flows" : "nothing-delivered");
        if (Broken is { } broken) FindingText.Write(json, broken);
        if (SamplesPerSecond is { } rate) json.WriteNumber("samplesPerSecond"u8, Math.Round(rate, 1));
        if (AcknowledgedSeconds is { } age) json.WriteNumber("acknowledgedSeconds"u8, age);
        json.WriteNumber("deliveredSamples"u8, Delivered);
        json.WriteNumber("bufferedSamples"u8, Waiting);
    });

    /// <summary>A bus has a name of its own.</summary>
    private static string Named(Finding finding) => finding.Link is Link.Interface or Link.Vehicle or Link.Decoding ? $"{finding.Check}: {finding.Evidence}" : finding.Evidence;

    private static string NameOf(Link link) => link switch
    {
        Link.Setup => "device's configuration file",
        Link.Service => "agent",
        Link.Interface => "CAN interface",
        Link.Vehicle => "vehicle",
        Link.Decoding => "selection of signals",
        Link.Assignment => "assignment",
        Link.Configuration => "configuration",
        Link.Store => "store",
        Link.Clock => "clock",
        Link.Name => "broker's name (DNS)",
        Link.Route => "route",
        Link.Tcp => "broker's port (TCP)",
        Link.Tls => "certificates (TLS)",
        Link.Credentials => "broker's answer to the login",
        Link.Access => "broker's access rules",
        Link.Delivery => "delivery",
        _ => "machine",
    };
}
