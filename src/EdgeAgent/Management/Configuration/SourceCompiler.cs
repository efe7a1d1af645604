using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Signalsets;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>What a compiler needs of the world outside.</summary>
/// <param name="OpenArtifact">An artifact's content, or throws <see cref="IOException"/>.</param>
/// <param name="OpenInterface">Opens a CAN interface, or throws <see cref="CanSourceException"/>.</param>
/// <param name="Links">The ways to ECUs.</param>
/// <param name="Time">Paces the replay of logs.</param>
internal sealed record SourceEnvironment(Func<Sha256Digest, Stream> OpenArtifact, Func<string, CanSocketOptions, ICanSource> OpenInterface, ObdLinks Links, TimeProvider Time);

/// <summary>Loads what a configuration names and compiles it to sources that only have to be opened.</summary>
/// <param name="configurationName">What to call it in messages.</param>
/// <param name="environment">Where files and interfaces are.</param>
internal sealed class SourceCompiler(string configurationName, SourceEnvironment environment)
{
    private readonly List<ConfigurationMistake> _mistakes = [];
    private readonly Dictionary<FileReference, DbcDatabase> _databases = [];
    private readonly Dictionary<FileReference, Signalset> _signalsets = [];

    /// <summary>The DBC files with doubtful places, and how many.</summary>
    public IReadOnlyList<(string File, int Count)> Warnings =>
        [.. _databases.Where(file => file.Value.Warnings.Count > 0).Select(file => (file.Key.ToString(), file.Value.Warnings.Count))];

    /// <exception cref="ConfigurationException">A file is missing or broken, or a selected signal does not exist.</exception>
    /// <exception cref="IOException">An artifact cannot be read, which is nobody's mistake.</exception>
    public IReadOnlyList<CaptureSource> Compile(IReadOnlyList<SourceConfiguration> configurations)
    {
        List<CaptureSource> sources = [];
        for (int i = 0; i < configurations.Count; i++) sources.Add(Compile(configurations[i], $"/sources/{i}"));
        return _mistakes.Count == 0 ? sources : throw new ConfigurationException(configurationName, _mistakes);
    }

    private CaptureSource Compile(SourceConfiguration source, string at)
    {
        List<DbcDatabase> databases = [];
        for (int i = 0; i < source.Dbc.Count; i++)
        {
            if (Load(source.Dbc[i], $"{at}/dbc/{i}") is { } database) databases.Add(database);
        }
        if (source.Log is { Artifact: null } log) RequireFile(log.Path, $"{at}/log");
        if (databases.Count == source.Dbc.Count) CheckSelectors(source, databases, at);

        var selected = source.Signals?.ToHashSet();
        var plan = DecodePlan.Compile(databases, selected is null ? null
            : (message, signal) => selected.Contains(new SignalSelector(message.Name, signal.Name)) || selected.Contains(new SignalSelector(message.Name, SignalSelector.Every)));
        SignalDescription[] signals = [.. plan.Signals.Select(selected => Describe(source.Bus, selected))];
        if (source.Serial is { } serial) return Adapter(source, serial, plan);
        return source.Log is { } recorded
            ? new CaptureSource(source.Bus, $"log {recorded}", plan, signals, IsLive: false, () => OpenLog(recorded, source))
            : new CaptureSource(source.Bus, $"interface {source.Interface}", plan, signals, IsLive: true, () => environment.OpenInterface(source.Interface!, new CanSocketOptions
            {
                Filter = J1939Decoder.FilterOf(plan),
                ReceiveBufferBytes = source.ReceiveBufferBytes,
                ListenOnly = source.Policy.ListenOnly,
            }), source.Interface, PollPlan(source, $"{at}/obd"))
            {
                Policy = source.Policy,
            };
    }

    private ObdPollPlan? PollPlan(SourceConfiguration source, string at)
    {
        if (source.Obd is not { } obd) return null;
        var signalsets = SignalsetsOf(obd, at);
        ObdQuery[] queries = [.. Queries(obd), .. signalsets.Queries];
        if (queries.Length == 0) return null;
        CanIdMask[] conversation = [.. obd.Addressing.Conversation, .. signalsets.Ecus.SelectMany(ecu => new CanIdMask[] { ecu.Transmit, ecu.Receive })];
        return new ObdPollPlan(queries, environment.Links.For(source.Interface!, obd.Addressing, signalsets.Ecus), () => CanTraffic.Open(source.Interface!, conversation))
        {
            Manners = obd.Manners with { MaxPids = CurrentData.MaxPids },
            Vin = obd.ReadsVin ? new VinQuery() : null,
            OpenTesters = () => ObdTesters.Open(source.Interface!, environment.Links.OwnOn(source.Interface!)),
        };
    }

    private SignalsetPlan SignalsetsOf(ObdConfiguration obd, string at)
    {
        if (obd.Signalsets.Count == 0) return SignalsetPlan.Empty;
        List<Signalset> signalsets = [];
        for (int i = 0; i < obd.Signalsets.Count; i++)
        {
            if (LoadSignalset(obd.Signalsets[i], $"{at}/signalsets/{i}") is { } signalset) signalsets.Add(signalset);
        }
        return signalsets.Count == obd.Signalsets.Count ? new SignalsetCompiler(obd, at, _mistakes).Compile(signalsets) : SignalsetPlan.Empty;
    }

    private CaptureSource Adapter(SourceConfiguration source, SerialConfiguration serial, DecodePlan nothing)
    {
        var link = environment.Links.For(serial.Port, serial.Options);
        var watch = new ElmWatch(link, environment.Time);
        return new CaptureSource(source.Bus, $"adapter {serial.Port}", nothing, [], IsLive: true, watch.OpenSource,
            Obd: source.Obd is { Polls.Count: > 0 } obd ? new ObdPollPlan(Queries(obd), link, watch.OpenTraffic) { Manners = obd.Manners, Vin = obd.ReadsVin ? new VinQuery() : null } : null);
    }

    private static ObdQuery[] Queries(ObdConfiguration obd) => [.. obd.Polls.Select(poll => new ParameterQuery(poll.Pid, poll.Every))];

    private static SignalDescription Describe(BusName bus, PlannedSignal selected) =>
        new($"{bus}/{selected.Message.Name}/{selected.Signal.Name}", selected.Signal.Unit,
            selected.Signal.IsFloat ? null : new SignalScaling(selected.Signal.Scale, selected.Signal.Offset));

    private CandumpSource OpenLog(FileReference log, SourceConfiguration source)
    {
        if (log.Artifact is not { } artifact) return CandumpSource.Open(log.Path, source.LogBus, source.Speed, environment.Time);
        try
        {
            return new CandumpSource(environment.OpenArtifact(artifact), source.LogBus, source.Speed, environment.Time);
        }
        catch (IOException e)
        {
            throw new CanSourceException(CanSourceFault.Other, $"{log}: {e.Message}", e);
        }
    }

    private DbcDatabase? Load(FileReference file, string at)
    {
        if (_databases.TryGetValue(file, out var known)) return known;
        try
        {
            using var stream = file.Artifact is { } artifact ? environment.OpenArtifact(artifact) : File.OpenRead(file.Path);
            return _databases[file] = DbcFile.Load(stream, file.ToString());
        }
        catch (DbcException e)
        {
            _mistakes.Add(new ConfigurationMistake(at, e.Message));
        }
        catch (Exception e) when (file.Artifact is null && FileTrouble.Is(e))
        {
            _mistakes.Add(new ConfigurationMistake(at, FileTrouble.Describe(file.Path, e)));
        }
        return null;
    }

    private Signalset? LoadSignalset(FileReference file, string at)
    {
        if (_signalsets.TryGetValue(file, out var known)) return known;
        try
        {
            return _signalsets[file] = file.Artifact is { } artifact ? Signalset.Parse(Read(environment.OpenArtifact(artifact)), file.ToString()) : Signalset.Load(file.Path);
        }
        catch (SignalsetException e)
        {
            _mistakes.Add(new ConfigurationMistake(at, e.Message));
        }
        catch (Exception e) when (file.Artifact is null && FileTrouble.Is(e))
        {
            _mistakes.Add(new ConfigurationMistake(at, FileTrouble.Describe(file.Path, e)));
        }
        return null;
    }

    private static byte[] Read(Stream artifact)
    {
        using (artifact)
        {
            using var content = new MemoryStream();
            artifact.CopyTo(content);
            return content.ToArray();
        }
    }

    private void RequireFile(string path, string at)
    {
        if (FileTrouble.FindIn(path) is { } trouble) _mistakes.Add(new ConfigurationMistake(at, trouble));
    }

    private void CheckSelectors(SourceConfiguration source, List<DbcDatabase> databases, string at)
    {
        if (source.Signals is null) return;
        HashSet<SignalSelector> known = [];
        foreach (var message in databases.SelectMany(database => database.Messages))
        {
            if (message.Signals.Count > 0) known.Add(new SignalSelector(message.Name, SignalSelector.Every));
            foreach (var signal in message.Signals) known.Add(new SignalSelector(message.Name, signal.Name));
        }
        for (int i = 0; i < source.Signals.Count; i++)
        {
            var selector = source.Signals[i];
            if (known.Contains(selector)) continue;
            _mistakes.Add(new ConfigurationMistake($"{at}/signals/{i}", $"'{selector}': no DBC file of this source has such a signal"));
        }
    }
}
