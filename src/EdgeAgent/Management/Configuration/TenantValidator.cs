using System.Text.Json;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns a tenant's document into a configuration, or notes every reason why not. Each limit stands here once.</summary>
/// <param name="findings">Where mistakes go.</param>
/// <param name="baseDirectory">See <see cref="SourcesValidator"/>.</param>
internal sealed class TenantValidator(Findings findings, string? baseDirectory)
{
    /// <summary>The names of its members at the top of a document.</summary>
    public static readonly string[] Members = ["sources", "publishing", "outbox", "access", "log", "healthEverySeconds", "trialSeconds"];

    private const long MinRate = 128, MaxRate = 125_000_000;

    private static readonly string[] LogLevels = ["trace", "debug", "information", "warning", "error"];

    private static readonly string[] Priorities = ["low", "normal", "high"];

    /// <summary>To be used only if there are no mistakes.</summary>
    public TenantConfiguration Validate(TenantConfigurationDocument document)
    {
        var normal = TenantConfiguration.Default;
        var outbox = document.Outbox ?? new OutboxDocument();
        return new TenantConfiguration
        {
            Sources = new SourcesValidator(findings, baseDirectory).Validate(document.Sources),
            Publishing = Publishing(document.Publishing),
            SealAfter = findings.Seconds("/outbox/sealAfterSeconds", outbox.SealAfterSeconds, normal.SealAfter.TotalSeconds, 0.05, 3600),
            HealthEvery = findings.Seconds("/healthEverySeconds", document.HealthEverySeconds, normal.HealthEvery.TotalSeconds, 10, 3600),
            QuotaBytes = findings.Number("/outbox/quotaBytes", outbox.QuotaBytes, normal.QuotaBytes, 256 * 1024, 1L << 40),
            FlushAfter = findings.Seconds("/outbox/flushAfterSeconds", outbox.FlushAfterSeconds, normal.FlushAfter.TotalSeconds, 0, 3600),
            Access = document.Access is { } access ? Access(access) : normal.Access,
            LogLevel = Level(document.Log),
            Trial = findings.Seconds("/trialSeconds", document.TrialSeconds, normal.Trial.TotalSeconds, 5, 600),
        };
    }

    private PublishingOptions Publishing(PublishingDocument? document)
    {
        var normal = PublishingOptions.Default;
        if (document is null) return normal;
        findings.RefuseUnknown("/publishing", document.Unknown, "encoding", "bytesPerSecond", "metered");
        PayloadEncoding? encoding = null;
        if (document.Encoding is { } name)
            findings.Check(PayloadEncoding.TryParse(name, out encoding), "/publishing/encoding", $"'{name}' is no encoding: expected one of {string.Join(", ", PayloadEncoding.All)}");
        return normal with
        {
            Encoding = encoding ?? normal.Encoding,
            BytesPerSecond = Rate("/publishing/bytesPerSecond", document.BytesPerSecond),
            Metered = document.Metered is { } metered ? Metered(metered) : null,
        };
    }

    private MeteredRules Metered(MeteredDocument document)
    {
        findings.RefuseUnknown("/publishing/metered", document.Unknown, "interfaces", "minimumPriority", "bytesPerSecond");
        if (document.Interfaces is null or { Count: 0 }) findings.Add("/publishing/metered/interfaces", "missing: an array of interfaces whose traffic costs money, such as wwan*");
        List<string> interfaces = [];
        for (int i = 0; i < document.Interfaces?.Count; i++)
        {
            if (findings.Required($"/publishing/metered/interfaces/{i}", document.Interfaces[i], "an interface's name; '*' stands for any characters") is { } name) interfaces.Add(name);
        }
        string priority = document.MinimumPriority ?? "normal";
        findings.Check(Priorities.Contains(priority), "/publishing/metered/minimumPriority", $"'{priority}' is no priority: expected one of {string.Join(", ", Priorities)}");
        return new MeteredRules(interfaces, (Priority)Math.Max(0, Array.IndexOf(Priorities, priority)), Rate("/publishing/metered/bytesPerSecond", document.BytesPerSecond));
    }

    private long? Rate(string pointer, long? value) => value is null ? null : findings.Number(pointer, value, MinRate, MinRate, MaxRate);

    private AccessRules Access(JsonElement access)
    {
        List<ConfigurationMistake> mistakes = [];
        var rules = AccessRules.Read(access, "/access", mistakes);
        findings.Add(mistakes);
        return rules;
    }

    private LogLevel Level(LogDocument? document)
    {
        if (document is null) return LogLevel.Information;
        findings.RefuseUnknown("/log", document.Unknown, "level");
        if (document.Level is null) return LogLevel.Information;
        string level = document.Level.ToLowerInvariant() switch { "info" => "information", "warn" => "warning", var other => other };
        findings.Check(LogLevels.Contains(level), "/log/level", $"'{document.Level}' is no level: expected one of {string.Join(", ", LogLevels)}");
        return Enum.TryParse<LogLevel>(level, ignoreCase: true, out var value) ? value : LogLevel.Information;
    }
}
