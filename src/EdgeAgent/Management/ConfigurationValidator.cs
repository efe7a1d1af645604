using System.Text.Json;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>Turns a document into a configuration, or notes every reason why not. Each limit stands here once.</summary>
internal sealed class ConfigurationValidator(string baseDirectory)
{
    private const int MaxSources = 16;

    private const string DefaultOutboxDirectory = "/var/lib/edge-agent";

    private static readonly string[] LogLevels = ["trace", "debug", "information", "warning", "error"];

    private readonly List<ConfigurationMistake> _mistakes = [];

    public IReadOnlyList<ConfigurationMistake> Mistakes => _mistakes;

    /// <summary>Null, or a configuration that is to be used only if there are no mistakes.</summary>
    public AgentConfiguration? Validate(ConfigurationDocument document)
    {
        RefuseUnknown("", document.Unknown, ["device", "tenant", "broker", "sources", "outbox", "log", "drainSeconds"]);
        var device = Required("/device", document.Device, "the device's id") is { } name && Check(DeviceId.TryParse(name, out var id), "/device", $"'{name}' is no id: {Identifier.Expected}")
            ? id : (DeviceId?)null;
        var assignment = document.Tenant is { } tenant ? ValidateTenant(tenant, device) : null;
        var broker = ValidateBroker(document.Broker, device);
        var sources = ValidateSources(document.Sources);
        var outbox = document.Outbox ?? new OutboxDocument();
        RefuseUnknown("/outbox", outbox.Unknown, ["directory", "sealAfterSeconds", "flushAfterSeconds", "memoryBytes"]);
        var options = new OutboxOptions(
            Seconds("/outbox/flushAfterSeconds", outbox.FlushAfterSeconds, 5, 0, 3600),
            Number("/outbox/memoryBytes", outbox.MemoryBytes, 8 * 1024 * 1024, BatchBuilder.MaxBytes, 1024 * 1024 * 1024));
        string directory = outbox.Directory ?? DefaultOutboxDirectory;
        if (string.IsNullOrWhiteSpace(directory)) Add("/outbox/directory", "missing: a directory");
        var sealAfter = Seconds("/outbox/sealAfterSeconds", outbox.SealAfterSeconds, 1, 0.05, 3600);
        var drain = Seconds("/drainSeconds", document.DrainSeconds, 5, 0, 60);
        var level = ValidateLogLevel(document.Log);
        if (device is null || broker is null) return null;

        return new AgentConfiguration
        {
            Device = device.Value,
            Assignment = assignment,
            Broker = broker,
            Sources = sources,
            OutboxDirectory = Resolve(directory),
            Outbox = options,
            SealAfter = sealAfter,
            Drain = drain,
            LogLevel = level,
        };
    }

    private Assignment? ValidateTenant(TenantDocument document, DeviceId? device)
    {
        RefuseUnknown("/tenant", document.Unknown, ["id", "epoch"]);
        long epoch = Number("/tenant/epoch", document.Epoch, 1, 1, long.MaxValue);
        if (document.Epoch is null) Add("/tenant/epoch", "missing: the number of the assignment, which grows with each, from 1");
        if (Required("/tenant/id", document.Id, "the tenant's id") is not { } name) return null;
        if (!Check(TenantId.TryParse(name, out var tenant), "/tenant/id", $"'{name}' is no id: {Identifier.Expected}")) return null;
        return device is { } known ? new Assignment(known, tenant, new Epoch(Math.Max(1, epoch))) : null;
    }

    private BrokerOptions? ValidateBroker(BrokerDocument? document, DeviceId? device)
    {
        const string expected = "expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]";
        if (document is null)
        {
            Add("/broker", "missing: an object with the broker's url");
            return null;
        }
        RefuseUnknown("/broker", document.Unknown, ["url", "userName", "passwordFile"]);
        if (document.PasswordFile is not null && document.UserName is null) Add("/broker/passwordFile", "a password without /broker/userName");
        if (Required("/broker/url", document.Url, "the broker's address: " + expected) is not { } url) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not (BrokerOptions.Scheme or BrokerOptions.SecureScheme) || uri.Host.Length == 0)
        {
            Add("/broker/url", $"'{url}' is no broker: {expected}");
            return null;
        }
        if (uri.Port == 0) Add("/broker/url", "0 is no port");
        if (uri.UserInfo.Length > 0) Add("/broker/url", "no user or password in the address; use /broker/userName and /broker/passwordFile");
        if (uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0) Add("/broker/url", $"'{uri.PathAndQuery}' behind the address; {expected}");
        return new BrokerOptions(uri, device?.ToString() ?? "", document.UserName, document.PasswordFile is { } file ? Resolve(file) : null);
    }

    private List<SourceConfiguration> ValidateSources(IReadOnlyList<SourceDocument?>? documents)
    {
        List<SourceConfiguration> sources = [];
        if (documents is null or { Count: 0 })
        {
            Add("/sources", "missing: an array with at least one source of frames");
            return sources;
        }
        if (documents.Count > MaxSources) Add("/sources", $"{documents.Count} sources; at most {MaxSources} are possible");
        HashSet<string> names = [];
        for (int i = 0; i < Math.Min(documents.Count, MaxSources); i++)
        {
            string at = $"/sources/{i}";
            if (documents[i] is not { } document)
            {
                Add(at, "expected an object, found null");
                continue;
            }
            if (ValidateSource(at, document) is not { } source) continue;
            if (!names.Add(source.Bus.ToString())) Add($"{at}/bus", $"another source is called '{source.Bus}' already");
            sources.Add(source);
        }
        return sources;
    }

    private SourceConfiguration? ValidateSource(string at, SourceDocument document)
    {
        RefuseUnknown(at, document.Unknown, ["bus", "interface", "receiveBufferBytes", "log", "logBus", "speed", "dbc", "signals"]);
        if (document.Interface is null == document.Log is null) Add(at, "expected either 'interface' (a CAN interface) or 'log' (a candump log to replay)");
        if (document.Interface is { Length: > CanSocket.MaxInterfaceNameLength })
            Add($"{at}/interface", $"'{document.Interface}' is longer than the {CanSocket.MaxInterfaceNameLength} characters that an interface's name can have");
        if (document.Log is null && document.Speed is not null) Add($"{at}/speed", "only a log has a speed");
        if (document.Log is null && document.LogBus is not null) Add($"{at}/logBus", "only with 'log'");
        if (document.Interface is null && document.ReceiveBufferBytes is not null) Add($"{at}/receiveBufferBytes", "only with 'interface'");
        string? name = document.Bus ?? document.Interface ?? document.LogBus;
        BusName bus = default;
        bool named = name is null
            ? Check(false, $"{at}/bus", "missing: a name for the source, such as can0")
            : Check(BusName.TryParse(name, out bus), $"{at}/{(document.Bus is not null ? "bus" : document.Interface is not null ? "interface" : "logBus")}", $"'{name}' cannot name a bus: {Identifier.Expected}; set 'bus'");

        List<string> dbcs = [];
        if (document.Dbc is null or { Count: 0 }) Add($"{at}/dbc", "missing: an array of DBC files, which say what the frames mean");
        for (int i = 0; i < document.Dbc?.Count; i++)
        {
            if (Required($"{at}/dbc/{i}", document.Dbc[i], "a file name") is { } file) dbcs.Add(Resolve(file));
        }

        if (document.Signals is { Count: 0 }) Add($"{at}/signals", "an empty list captures nothing; leave it out to capture everything");
        List<SignalSelector>? selectors = document.Signals is null ? null : [];
        for (int i = 0; i < document.Signals?.Count; i++)
        {
            string[] parts = (document.Signals[i] ?? "").Split('/');
            if (Check(parts.Length == 2 && parts.All(part => part.Length > 0), $"{at}/signals/{i}", $"'{document.Signals[i]}': expected MESSAGE/SIGNAL or MESSAGE/*"))
                selectors!.Add(new SignalSelector(parts[0], parts[1]));
        }

        int buffer = (int)Number($"{at}/receiveBufferBytes", document.ReceiveBufferBytes, 4 * 1024 * 1024, 4096, 256 * 1024 * 1024);
        if (document.Speed is { } speed) Check(speed is 0 or >= 0.001 and <= 10_000, $"{at}/speed", "expected 0 (as fast as possible) or a factor of 0.001 to 10000");
        if (!named) return null;
        return new SourceConfiguration
        {
            Bus = bus,
            Interface = document.Interface,
            ReceiveBufferBytes = buffer,
            LogPath = document.Log is { } log ? Resolve(log) : null,
            LogBus = document.LogBus,
            Speed = document.Speed ?? 1,
            DbcPaths = dbcs,
            Signals = selectors,
        };
    }

    private LogLevel ValidateLogLevel(LogDocument? document)
    {
        if (document is null) return LogLevel.Information;
        RefuseUnknown("/log", document.Unknown, ["level"]);
        if (document.Level is null) return LogLevel.Information;
        string level = document.Level.ToLowerInvariant() switch { "info" => "information", "warn" => "warning", var other => other };
        Check(LogLevels.Contains(level), "/log/level", $"'{document.Level}' is no level: expected one of {string.Join(", ", LogLevels)}");
        return Enum.TryParse<LogLevel>(level, ignoreCase: true, out var value) ? value : LogLevel.Information;
    }

    private string? Required(string pointer, string? value, string what)
    {
        if (!string.IsNullOrWhiteSpace(value)) return value;
        Add(pointer, $"missing: {what}");
        return null;
    }

    private TimeSpan Seconds(string pointer, double? value, double normal, double least, double most)
    {
        if (value is not { } given) return TimeSpan.FromSeconds(normal);
        return Check(given >= least && given <= most, pointer, FormattableString.Invariant($"{given} is outside of {least} to {most} seconds"))
            ? TimeSpan.FromSeconds(given) : TimeSpan.FromSeconds(normal);
    }

    private long Number(string pointer, long? value, long normal, long least, long most) =>
        value is not { } given || Check(given >= least && given <= most, pointer, $"{given} is outside of {least} to {most}") ? value ?? normal : normal;

    private void RefuseUnknown(string at, IDictionary<string, JsonElement>? unknown, string[] known)
    {
        foreach (string name in unknown?.Keys ?? [])
        {
            string pointer = $"{at}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            Add(pointer, $"unknown; expected one of: {string.Join(", ", known)}");
        }
    }

    private bool Check(bool isRight, string pointer, string otherwise)
    {
        if (!isRight) Add(pointer, otherwise);
        return isRight;
    }

    private void Add(string pointer, string message) => _mistakes.Add(new ConfigurationMistake(pointer, message));

    private string Resolve(string path) => Path.GetFullPath(path, baseDirectory);
}
