using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;

namespace EdgeAgent.Management;

/// <summary>Loads what a configuration names and compiles it to sources that only have to be opened.</summary>
internal sealed class SourceCompiler(string configurationPath, TimeProvider time)
{
    private readonly List<ConfigurationMistake> _mistakes = [];
    private readonly Dictionary<string, DbcDatabase> _databases = [];

    /// <summary>The DBC files with doubtful places, and how many.</summary>
    public IReadOnlyList<(string File, int Count)> Warnings =>
        [.. _databases.Where(file => file.Value.Warnings.Count > 0).Select(file => (file.Key, file.Value.Warnings.Count))];

    /// <exception cref="ConfigurationException">A DBC file is missing or broken, or a selected signal does not exist.</exception>
    public IReadOnlyList<CaptureSource> Compile(AgentConfiguration configuration)
    {
        List<CaptureSource> sources = [];
        for (int i = 0; i < configuration.Sources.Count; i++) sources.Add(Compile(configuration.Sources[i], $"/sources/{i}"));
        if (configuration.Broker.PasswordFile is { } password) RequireFile(password, "/broker/passwordFile");
        return _mistakes.Count == 0 ? sources : throw new ConfigurationException(configurationPath, _mistakes);
    }

    private CaptureSource Compile(SourceConfiguration source, string at)
    {
        List<DbcDatabase> databases = [];
        for (int i = 0; i < source.DbcPaths.Count; i++)
        {
            if (Load(source.DbcPaths[i], $"{at}/dbc/{i}") is { } database) databases.Add(database);
        }
        if (source.LogPath is { } log) RequireFile(log, $"{at}/log");
        if (databases.Count == source.DbcPaths.Count) CheckSelectors(source, databases, at);

        var plan = DecodePlan.Compile(databases, source.Signals is { } selectors
            ? (message, signal) => selectors.Any(selector => selector.Matches(message.Name, signal.Name))
            : null);
        SignalDescription[] signals = [.. plan.Signals.Select(selected => new SignalDescription($"{source.Bus}/{selected.Message.Name}/{selected.Signal.Name}", selected.Signal.Unit))];
        return source.LogPath is { } path
            ? new CaptureSource(source.Bus, $"log {path}", plan, signals, IsLive: false, () => CandumpSource.Open(path, source.LogBus, source.Speed, time))
            : new CaptureSource(source.Bus, $"interface {source.Interface}", plan, signals, IsLive: true, () => CanSocket.Open(source.Interface!, new CanSocketOptions
            {
                Filter = plan.Ids,
                ReceiveBufferBytes = source.ReceiveBufferBytes,
            }));
    }

    private DbcDatabase? Load(string path, string at)
    {
        if (_databases.TryGetValue(path, out var known)) return known;
        try
        {
            return _databases[path] = DbcFile.Load(path);
        }
        catch (DbcException e)
        {
            _mistakes.Add(new ConfigurationMistake(at, e.Message));
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            _mistakes.Add(new ConfigurationMistake(at, FileTrouble.Describe(path, e)));
        }
        return null;
    }

    private void RequireFile(string path, string at)
    {
        try
        {
            if (Directory.Exists(path)) throw new IOException();
            // A pipe, which has no length, is not opened: that would wait for whoever writes to it.
            if (new FileInfo(path).Length > 0) File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite).Dispose();
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            _mistakes.Add(new ConfigurationMistake(at, FileTrouble.Describe(path, e)));
        }
    }

    private void CheckSelectors(SourceConfiguration source, List<DbcDatabase> databases, string at)
    {
        for (int i = 0; i < source.Signals?.Count; i++)
        {
            var selector = source.Signals[i];
            if (databases.Any(database => database.Messages.Any(message => message.Signals.Any(signal => selector.Matches(message.Name, signal.Name))))) continue;
            _mistakes.Add(new ConfigurationMistake($"{at}/signals/{i}", $"'{selector}': no DBC file of this source has such a signal"));
        }
    }
}
