using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns the sources of a document into checked ones.</summary>
/// <param name="findings">Where mistakes go.</param>
/// <param name="baseDirectory">Where relative paths begin; null for a configuration from outside, which names artifacts and no paths.</param>
internal sealed class SourcesValidator(Findings findings, string? baseDirectory)
{
    public const int MaxSources = 16;

    /// <summary>So many files a source: more would be one that nobody can look through.</summary>
    private const int MaxFiles = 32;

    /// <summary>More signals than a vehicle's buses have together.</summary>
    private const int MaxSelectors = 4096;

    public List<SourceConfiguration> Validate(IReadOnlyList<SourceDocument?>? documents)
    {
        List<SourceConfiguration> sources = [];
        if (documents is null) return sources;
        if (documents.Count > MaxSources) findings.Add("/sources", $"{documents.Count} sources; at most {MaxSources} are possible");
        HashSet<string> names = [];
        for (int i = 0; i < Math.Min(documents.Count, MaxSources); i++)
        {
            string at = $"/sources/{i}";
            if (documents[i] is not { } document)
            {
                findings.Add(at, "expected an object, found null");
                continue;
            }
            if (Validate(at, document) is not { } source) continue;
            if (!names.Add(source.Bus.ToString())) findings.Add($"{at}/bus", $"another source is called '{source.Bus}' already");
            sources.Add(source);
        }
        foreach (var shared in sources.Where(source => source.Interface is not null).GroupBy(source => source.Interface))
        {
            if (shared.Any(source => source.Policy.ListenOnly) && shared.Any(source => source is { Policy.ListenOnly: false, Obd.Asks: true }))
                findings.Add("/sources", $"of two sources on {shared.Key} one says 'listenOnly' and the other asks ECUs, which is sending");
        }
        return sources;
    }

    private SourceConfiguration? Validate(string at, SourceDocument document)
    {
        findings.RefuseUnknown(at, document.Unknown, "bus", "interface", "receiveBufferBytes", "listenOnly", "restartAfterSeconds", "silentAfterSeconds", "serial", "baud", "protocol", "log", "logBus", "speed", "dbc", "signals", "obd");
        if ((document.Interface is null ? 0 : 1) + (document.Serial is null ? 0 : 1) + (document.Log is null ? 0 : 1) != 1)
            findings.Add(at, "expected either 'interface' (a CAN interface), 'serial' (an adapter on a serial port) or 'log' (a candump log to replay)");
        var serial = new SerialValidator(findings).Validate(at, document);
        if (document.Interface is { } name && !IsInterfaceName(name))
            findings.Add($"{at}/interface", $"'{name}' is no interface's name: 1 to {CanSocket.MaxInterfaceNameLength} characters without spaces and '/'");
        if (document.Log is null && document.Speed is not null) findings.Add($"{at}/speed", "only a log has a speed");
        if (document.Log is null && document.LogBus is not null) findings.Add($"{at}/logBus", "only with 'log'");
        if (document.Interface is null && document.ReceiveBufferBytes is not null) findings.Add($"{at}/receiveBufferBytes", "only with 'interface'");
        var policy = Policy(at, document);
        int buffer = (int)findings.Number($"{at}/receiveBufferBytes", document.ReceiveBufferBytes, 4 * 1024 * 1024, 4096, 256 * 1024 * 1024);
        if (document.Speed is { } speed) findings.Check(speed is 0 or >= 0.001 and <= 10_000, $"{at}/speed", "expected 0 (as fast as possible) or a factor of 0.001 to 10000");
        var log = document.Log is null ? null : Reference($"{at}/log", document.Log, "a log");
        bool asks = document.Obd is { Poll.Count: > 0 } or { Signalsets.Count: > 0 };
        bool needsDbc = !asks || document.Interface is null;
        var dbcs = document.Serial is null && (needsDbc || document.Dbc is not null) ? Files($"{at}/dbc", document.Dbc, "DBC files, which say what the frames mean") : [];
        var selectors = Selectors($"{at}/signals", document.Signals);
        if (document.Obd is not null && document.Log is not null) findings.Add($"{at}/obd", "only with 'interface' or 'serial'");
        if (policy.ListenOnly && document.Obd?.Poll is { Count: > 0 }) findings.Add($"{at}/obd/poll", "not with 'listenOnly': asking an ECU is sending");
        if (policy.ListenOnly && document.Obd?.Signalsets is { Count: > 0 }) findings.Add($"{at}/obd/signalsets", "not with 'listenOnly': asking an ECU is sending");
        var signalsets = document.Obd?.Signalsets is { } files ? Files($"{at}/obd/signalsets", files, "OBDb's signalsets, which say what can be asked") : [];
        var obd = document.Obd is null ? null : new ObdValidator(findings).Validate($"{at}/obd", document.Obd, signalsets);
        return NameOf(at, document) is not { } bus ? null : new SourceConfiguration
        {
            Bus = bus,
            Interface = document.Interface,
            Serial = serial,
            ReceiveBufferBytes = buffer,
            Policy = policy,
            Log = log,
            LogBus = document.LogBus,
            Speed = document.Speed ?? 1,
            Dbc = dbcs,
            Signals = selectors,
            Obd = obd,
        };
    }

    private BusPolicy Policy(string at, SourceDocument document)
    {
        (string Name, bool IsThere)[] members =
        [
            ("listenOnly", document.ListenOnly is not null), ("restartAfterSeconds", document.RestartAfterSeconds is not null), ("silentAfterSeconds", document.SilentAfterSeconds is not null),
        ];
        foreach (var (name, _) in members.Where(member => member.IsThere && document.Interface is null)) findings.Add($"{at}/{name}", "only with 'interface'");
        var silent = findings.Seconds(
            $"{at}/silentAfterSeconds", document.SilentAfterSeconds, BusPolicy.Default.SilentAfter.TotalSeconds, BusPolicy.ShortestSilence.TotalSeconds, BusPolicy.LongestSilence.TotalSeconds);
        var restart = findings.Seconds(
            $"{at}/restartAfterSeconds", document.RestartAfterSeconds, 0, BusPolicy.ShortestRestart.TotalSeconds, BusPolicy.LongestRestart.TotalSeconds);
        return new BusPolicy(silent, document.RestartAfterSeconds is null ? null : restart, document.ListenOnly == true);
    }

    private BusName? NameOf(string at, SourceDocument document)
    {
        if ((document.Bus ?? document.Interface ?? document.LogBus ?? Path.GetFileName(document.Serial)) is not { } name)
        {
            findings.Add($"{at}/bus", "missing: a name for the source, such as can0");
            return null;
        }
        if (document.Bus is null && name == document.Interface && !IsInterfaceName(name)) return null; // said already
        string member = document.Bus is not null ? "bus" : document.Interface is not null ? "interface" : document.LogBus is not null ? "logBus" : "serial";
        return findings.Check(BusName.TryParse(name, out var bus), $"{at}/{member}", $"'{name}' cannot name a bus: {Identifier.Expected}; set 'bus'") ? bus : null;
    }

    private List<FileReference> Files(string at, IReadOnlyList<string?>? names, string what)
    {
        List<FileReference> files = [];
        if (names is null or { Count: 0 }) findings.Add(at, $"missing: an array of {what}");
        if (names?.Count > MaxFiles) findings.Add(at, $"{names.Count} files; at most {MaxFiles} are possible");
        for (int i = 0; i < Math.Min(names?.Count ?? 0, MaxFiles); i++)
        {
            if (Reference($"{at}/{i}", names![i], "a file") is { } file) files.Add(file);
        }
        return files;
    }

    private FileReference? Reference(string at, string? text, string what)
    {
        if (findings.Required(at, text, what) is null) return null;
        if (baseDirectory is not null) return FileReference.ToPath(Path.GetFullPath(text!, baseDirectory));
        return findings.Check(FileReference.TryParseArtifact(text!, out var artifact), at, $"'{text}': expected {FileReference.ExpectedArtifact}") ? artifact : null;
    }

    private List<SignalSelector>? Selectors(string at, IReadOnlyList<string?>? texts)
    {
        if (texts is null) return null;
        if (texts.Count == 0) findings.Add(at, "an empty list captures nothing; leave it out to capture everything");
        if (texts.Count > MaxSelectors) findings.Add(at, $"{texts.Count} selectors; at most {MaxSelectors} are possible");
        List<SignalSelector> selectors = [];
        for (int i = 0; i < Math.Min(texts.Count, MaxSelectors); i++)
        {
            string[] parts = (texts[i] ?? "").Split('/');
            if (findings.Check(parts.Length == 2 && parts.All(part => part.Length > 0), $"{at}/{i}", $"'{texts[i]}': expected MESSAGE/SIGNAL or MESSAGE/*"))
                selectors.Add(new SignalSelector(parts[0], parts[1]));
        }
        return selectors;
    }

    /// <summary>What the kernel takes (dev_valid_name).</summary>
    private static bool IsInterfaceName(string name) =>
        name.Length is > 0 and <= CanSocket.MaxInterfaceNameLength && name is not ("." or "..") && !name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c));
}
