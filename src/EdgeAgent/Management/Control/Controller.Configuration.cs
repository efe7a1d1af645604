using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Control;

/// <summary>What is captured and how: the layers of the configuration, their artifacts, their trial, and the way back.</summary>
internal sealed partial class Controller
{
    private IReadOnlyList<Sha256Digest> _missing = [];

    private Layers? _trialOf;

    /// <summary>For whose artifacts it has been said that they are waited for.</summary>
    private Layers? _waitsFor;

    /// <summary>True if the newest configuration could not be dealt with, for the disk's sake.</summary>
    private bool _isUnsettled;

    /// <summary>True when the good configuration could not be used, for its artifacts' or the disk's sake: then it is tried like another.</summary>
    private bool _goodIsUnusable;

    private async Task TakeConfigurationAsync(ReadOnlyMemory<byte> jws, DeviceId? overlay)
    {
        var tenant = Assignment!.Tenant;
        var floor = _state.FloorOf(tenant);
        // A device that comes back to a tenant has forgotten what the tenant's last word was, which is still its last word.
        long last = overlay is null ? floor.TenantVersion - (_state.Newest.Tenant is null ? 1 : 0) : floor.DeviceVersion - (_state.Newest.Device is null ? 1 : 0);
        var envelope = ConfigurationEnvelope.Open(jws.Span, _state.Tenant!, overlay, Math.Max(0, last));
        var layer = new Layer(envelope.Version, envelope.Configuration);
        var newest = overlay is null ? _state.Newest with { Tenant = layer } : _state.Newest with { Device = layer };
        floor = overlay is null ? floor with { TenantVersion = layer.Version } : floor with { DeviceVersion = layer.Version };
        Save(_state.WithFloor(floor) with { Newest = newest });
        await ReconsiderAsync();
        Report();
    }

    private async Task TakeArtifactAsync(Sha256Digest name, ReadOnlyMemory<byte> content)
    {
        if (_artifacts is null || !_missing.Contains(name) && !_missingOfUpdate.Contains(name)) return;
        var wanted = Parse(_state.Newest) is { } configuration ? configuration.Artifacts : [];
        _artifacts.Accept(name, content.Span, [.. wanted.Union(ArtifactsOfUpdate)]);
        NoteMissingOfUpdate();
        await ReconsiderAsync();
        if (_missing.Count == 0) Report();
    }

    /// <summary>Brings the newest configuration into force on trial, if it is not yet, was not refused, and nothing is missing for it.</summary>
    private async Task ReconsiderAsync()
    {
        var newest = _state.Newest;
        _missing = [];
        _isUnsettled = true;
        if (_isUnfinished) return;
        // Without numbers there is nothing to capture with; the report says so.
        if (_capture.Recorder is null)
        {
            _isUnsettled = false;
            return;
        }
        if (newest.IsNone || newest.IsSameAs(_state.Good) && !_goodIsUnusable || _state.InTrial && _trial is not null && newest.IsSameAs(_trialOf) || _state.Refused?.Is(newest) == true)
        {
            _isUnsettled = false;
            Subscribe();
            return;
        }
        TenantConfiguration configuration;
        IReadOnlyList<CaptureSource> sources;
        try
        {
            configuration = ParseOrThrow(newest);
            _artifacts!.Assemble();
            RefuseBrokenArtifacts(configuration, newest);
            _missing = _artifacts.Missing(configuration.Artifacts);
            if (_missing.Count > 0)
            {
                if (!newest.IsSameAs(_waitsFor)) ControlLog.WaitingForArtifacts(_parts.Logger, NameOf(newest), configuration.Artifacts.Count(artifact => !_artifacts.Contains(artifact)));
                _waitsFor = newest;
                _isUnsettled = false;
                Subscribe();
                return;
            }
            // From here on a crash is this configuration's fault: compiling it takes the most memory and time of all.
            Save(_state with { InTrial = true });
            sources = Compile(configuration, NameOf(newest));
            if (!_capture.HasRoomFor(sources))
                throw new ConfigurationException(NameOf(newest), [new ConfigurationMistake("/sources", $"with those before it more than {SignalCatalog.MaxSignals} signals since the agent started: restart it")]);
        }
        catch (ConfigurationException e)
        {
            Refuse(newest, e.Mistakes);
            _isUnsettled = false;
            Subscribe();
            return;
        }
        catch (IOException)
        {
            // The disk's fault and not the configuration's.
            SaveIfPossible(_state with { InTrial = _trial is not null });
            throw;
        }
        _goodIsUnusable = false;
        ControlLog.Trying(_parts.Logger, NameOf(newest), configuration.Trial.TotalSeconds);
        Adopt(Assignment!.Tenant, configuration);
        await _capture.ConfigureAsync(sources);
        _trialOf = newest;
        _trial = new Trial(_capture.Pipeline, configuration.Trial, _parts.Time);
        _isUnsettled = false;
        Subscribe();
    }

    private async Task LookAtTrialAsync()
    {
        if (_trial is null) return;
        switch (_trial.Look(_parts.Publisher.IsConnected, out var mistakes))
        {
            case TrialVerdict.Passed:
                var good = _trialOf!;
                Save(_state with { Good = good, InTrial = false, Refused = null });
                EndTrial();
                ControlLog.Applied(_parts.Logger, NameOf(good));
                Event("agent/configured", json => WriteVersions(json, good));
                KeepArtifacts();
                await ReconsiderAsync();
                Report();
                break;
            case TrialVerdict.Failed:
                await RollBackAsync(mistakes);
                break;
        }
    }

    private async Task RollBackAsync(IReadOnlyList<ConfigurationMistake> mistakes)
    {
        var failed = _trialOf!;
        var refused = Refused.Of(failed, isRolledBack: true, mistakes);
        SaveIfPossible(_state with { InTrial = false, Refused = refused });
        EndTrial();
        ControlLog.RolledBack(_parts.Logger, refused.TenantVersion, refused.DeviceVersion, string.Join("; ", refused.Mistakes));
        var (configuration, sources) = CompileGood();
        Adopt(Assignment!.Tenant, configuration);
        await _capture.ConfigureAsync(sources);
        Event("agent/configuration-rolled-back", json => WriteRefused(json, refused));
        KeepArtifacts();
        await ReconsiderAsync();
        Report();
    }

    /// <exception cref="ConfigurationException">What came for one of its artifacts is not what its name says, or there is no room for it.</exception>
    private void RefuseBrokenArtifacts(TenantConfiguration configuration, Layers layers)
    {
        var mistakes =
            from source in configuration.Sources.Index()
            from file in source.Item.Files
            where file.Artifact is not null && _artifacts!.TroubleOf(file.Artifact.Value) is not null
            select new ConfigurationMistake($"/sources/{source.Index}", $"{file}: {_artifacts!.TroubleOf(file.Artifact!.Value)}");
        var found = mistakes.Distinct().ToArray();
        if (found.Length > 0) throw new ConfigurationException(NameOf(layers), found);
    }

    private void Refuse(Layers layers, IReadOnlyList<ConfigurationMistake> mistakes)
    {
        var refused = Refused.Of(layers, isRolledBack: false, mistakes);
        Save(_state with { Refused = refused, InTrial = _trial is not null });
        ControlLog.ConfigurationRefused(_parts.Logger, NameOf(layers), string.Join("; ", refused.Mistakes));
        Event("agent/configuration-refused", json => WriteRefused(json, refused));
        KeepArtifacts();
    }

    private void EndTrial() => (_trial, _trialOf) = (null, null);

    /// <summary>The last configuration that passed its trial; the default if there is none, or if it can no longer be used.</summary>
    private (TenantConfiguration Configuration, IReadOnlyList<CaptureSource> Sources) CompileGood()
    {
        _goodIsUnusable = false;
        if (_state.Good.IsNone) return (TenantConfiguration.Default, []);
        try
        {
            var configuration = ParseOrThrow(_state.Good);
            return (configuration, Compile(configuration, NameOf(_state.Good)));
        }
        catch (Exception e) when (e is ConfigurationException or IOException)
        {
            _goodIsUnusable = true;
            ControlLog.GoodIsUnusable(_parts.Logger, NameOf(_state.Good), e.Message);
            return (TenantConfiguration.Default, []);
        }
    }

    private IReadOnlyList<CaptureSource> Compile(TenantConfiguration configuration, string name) =>
        new SourceCompiler(name, _parts.Sources with { OpenArtifact = _artifacts!.Open }).Compile(configuration.Sources);

    /// <summary>What is refused needs nothing any more.</summary>
    private void KeepArtifacts()
    {
        var newest = _state.Refused?.Is(_state.Newest) == true ? Layers.None : _state.Newest;
        try
        {
            _artifacts?.Keep([.. (Parse(_state.Good)?.Artifacts ?? []).Union(Parse(newest)?.Artifacts ?? []).Union(Parse(_trialOf ?? Layers.None)?.Artifacts ?? []).Union(ArtifactsOfUpdate)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ControlLog.CannotStore(_parts.Logger, e.Message);
        }
    }

    private static TenantConfiguration? Parse(Layers layers)
    {
        try
        {
            return layers.IsNone ? null : ParseOrThrow(layers);
        }
        catch (ConfigurationException)
        {
            // Whoever needs to know why asks again when it comes into force.
            return null;
        }
    }

    /// <exception cref="ConfigurationException">The layers together are no configuration.</exception>
    private static TenantConfiguration ParseOrThrow(Layers layers) => ConfigurationReader.ParseTenant(Encoding.UTF8.GetBytes(Merge(layers).ToJsonString()), NameOf(layers));

    /// <summary>What the layers, at least one, say together.</summary>
    internal static JsonObject Merge(Layers layers)
    {
        if (layers.Tenant is not { } tenant) return MergePatch.Apply(EmptyObject, layers.Device!.Configuration);
        return layers.Device is { } overlay ? MergePatch.Apply(tenant.Configuration, overlay.Configuration) : JsonObject.Create(tenant.Configuration)!;
    }

    private static string NameOf(Layers layers) => $"configuration {layers.Tenant?.Version ?? 0}/{layers.Device?.Version ?? 0}";
}
