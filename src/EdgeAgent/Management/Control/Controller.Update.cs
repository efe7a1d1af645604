using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Updates;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Control;

/// <summary>
/// Another release of the agent: fetched like any artifact, handed to whoever installs it (<see cref="UpdatePlaces"/>) when the vehicle stands, and told of
/// when it has ended.
/// </summary>
internal sealed partial class Controller
{
    /// <summary>What has been commanded and not handed on yet.</summary>
    private const string WantedPath = "update/wanted.json";

    /// <summary>The digest of the result that was told last.</summary>
    private const string ToldPath = "update/told";

    /// <summary>How often it is looked whether there is a result, and whether the vehicle stands.</summary>
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromSeconds(1);

    private (UpdateRequest Request, UpdateManifest Manifest)? _update;
    private IReadOnlyList<Sha256Digest> _missingOfUpdate = [];
    private bool _updateIsLoaded;

    /// <summary>What was said last of what it waits for; null for nothing.</summary>
    private bool? _updateIsFetching;
    private long? _updateLookedAt;

    /// <summary>Those of the provisioning, which is what root goes by, without those that were revoked since.</summary>
    private IEnumerable<VerificationKey> ReleaseKeys => _parts.Device.PlatformKeys.Where(key => !PlatformKeys.Revoked.Contains(key.Id));

    private IEnumerable<Sha256Digest> ArtifactsOfUpdate => _update is { } update ? [update.Manifest.Digest] : [];

    /// <summary><c>agent.update</c>: takes what is to be installed. Another one that still waits is forgotten.</summary>
    /// <exception cref="OperationException">It is refused.</exception>
    public async Task<JsonObject> UpdateAsync(OperationArguments arguments, CancellationToken stop)
    {
        JsonObject taken = [];
        await ExclusivelyAsync(() =>
        {
            // Whoever asked may have been told meanwhile that it was interrupted.
            stop.ThrowIfCancellationRequested();
            taken = TakeUpdate(arguments);
            return Task.CompletedTask;
        });
        return taken;
    }

    private JsonObject TakeUpdate(OperationArguments arguments)
    {
        if (_parts.Device.PlatformKeys.Count == 0 || Assignment is not { Tenant: var tenant } || _artifacts is null)
            throw new OperationException("not-available", "only a device of a platform is updated so: its keys sign releases");
        if (!Directory.Exists(_parts.UpdateDirectory))
            throw new OperationException("not-available", $"{_parts.UpdateDirectory} is missing: updates are installed by edge-agent-update.service, which comes with the Debian package");
        string text = arguments.Text("manifest");
        var manifest = OpenManifest(text);
        string? obstacle = DebianVersion.TryParse(AgentVersion.Text, out var installed) ? manifest.ObstacleOver(installed, UpdateManifest.OwnArchitecture, StoreFormat.Current) : null;
        if (obstacle is not null) throw new OperationException("not-suitable", obstacle);
        if (manifest.StoreFormat > StoreFormat.Current && !arguments.Flag("oneWay"))
        {
            throw new OperationException("one-way",
                $"{manifest.Version} keeps the store in format {manifest.StoreFormat}, which {AgentVersion.Text} cannot read: there would be no way back if it does not become well; 'oneWay' allows that");
        }
        var request = new UpdateRequest(tenant, arguments.Flag("whileMoving"), text);
        try
        {
            _parts.Disk.Replace(WantedPath, request.ToUtf8());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperationException("storage", $"the device's disk cannot be written: {e.Message}", e);
        }
        (_update, _updateIsFetching, _updateLookedAt) = ((request, manifest), null, null);
        ControlLog.UpdateTaken(_parts.Logger, manifest.Version);
        return new JsonObject { ["version"] = manifest.Version.ToString(), ["from"] = AgentVersion.Text, ["sha256"] = manifest.Digest.ToString(), ["size"] = manifest.Size };
    }

    /// <exception cref="OperationException">It is not signed by who may sign it, or says what cannot be.</exception>
    private UpdateManifest OpenManifest(string text)
    {
        try
        {
            return UpdateManifest.Open(Encoding.UTF8.GetBytes(text), ReleaseKeys);
        }
        catch (DocumentException e)
        {
            throw new OperationException(e.CodeName, $"manifest: {e.Message}", e);
        }
    }

    private void LookAtUpdate()
    {
        if (_updateLookedAt is { } at && _parts.Time.GetElapsedTime(at) < UpdateInterval) return;
        _updateLookedAt = _parts.Time.GetTimestamp();
        LoadUpdate();
        TellUpdate();
        NoteMissingOfUpdate();
        if (_update is not var (request, manifest) || _artifacts is null) return;
        if (_artifacts.TroubleOf(manifest.Digest) is { } trouble)
        {
            EndUpdate();
            Tell(new UpdateResult(UpdateStatus.Refused, AgentVersion.Text, manifest.Version.ToString(), trouble, _parts.Time.GetUtcNow().ToUnixTimeMilliseconds()));
            return;
        }
        bool isFetching = _missingOfUpdate.Count > 0;
        string? waits = isFetching ? "its package is being fetched" : request.WhileMoving ? null : Standstill.Doubt(Standstill.Witnesses(_capture.Pipeline));
        if (waits is null) HandOn(manifest);
        else if (isFetching != _updateIsFetching) ControlLog.UpdateWaits(_parts.Logger, manifest.Version, waits);
        _updateIsFetching = isFetching;
    }

    /// <summary>Takes up what waited when the last run ended.</summary>
    private void LoadUpdate()
    {
        if (_updateIsLoaded) return;
        byte[]? content = _parts.Disk.TryRead(WantedPath);
        _updateIsLoaded = true;
        if (content is null) return;
        try
        {
            var request = UpdateRequest.FromUtf8(content);
            _update = (request, UpdateManifest.Open(Encoding.UTF8.GetBytes(request.Manifest), ReleaseKeys));
            if (request.Tenant != Assignment?.Tenant) ForgetUpdate("the device has changed hands");
        }
        catch (DocumentException e)
        {
            ControlLog.UpdateForgotten(_parts.Logger, "another version", e.Message);
            EndUpdate();
        }
    }

    private void NoteMissingOfUpdate()
    {
        var missing = _artifacts?.Missing(ArtifactsOfUpdate) ?? [];
        if (missing.SequenceEqual(_missingOfUpdate)) return;
        _missingOfUpdate = missing;
        Subscribe();
    }

    /// <summary>The package first: the request is what is waited for.</summary>
    private void HandOn(UpdateManifest manifest)
    {
        using (var package = new MemoryStream())
        {
            using (var stored = _artifacts!.Open(manifest.Digest)) stored.CopyTo(package);
            _parts.Disk.Replace(UpdatePlaces.Package, package.GetBuffer().AsSpan(0, (int)package.Length));
        }
        _parts.Disk.Rename(WantedPath, UpdatePlaces.Request);
        (_update, _missingOfUpdate) = (null, []);
        ControlLog.UpdateHandedOn(_parts.Logger, manifest.Version);
        Event("agent/update", json =>
        {
            json.WriteString("status"u8, "started");
            json.WriteString("from"u8, AgentVersion.Text);
            json.WriteString("to"u8, manifest.Version.ToString());
        });
        KeepArtifacts();
    }

    private void ForgetUpdate(string why)
    {
        if (_update is not var (_, manifest)) return;
        ControlLog.UpdateForgotten(_parts.Logger, manifest.Version.ToString(), why);
        EndUpdate();
    }

    private void EndUpdate()
    {
        (_update, _missingOfUpdate) = (null, []);
        _parts.Disk.Delete(WantedPath);
        Subscribe();
    }

    /// <summary>Tells what root has left, once.</summary>
    private void TellUpdate()
    {
        string path = Path.Combine(_parts.UpdateDirectory, UpdatePlaces.Result);
        if (_capture.Recorder is null || !File.Exists(path) || new FileInfo(path).Length > UpdateResult.MaxBytes) return;
        byte[] content = File.ReadAllBytes(path), told = Encoding.ASCII.GetBytes(Sha256Digest.Of(content).ToString());
        if (_parts.Disk.TryRead(ToldPath) is { } before && before.AsSpan().SequenceEqual(told)) return;
        // First the note: a result that cannot be read would be told of at each look.
        _parts.Disk.Replace(ToldPath, told);
        try
        {
            Tell(UpdateResult.FromUtf8(content));
        }
        catch (DocumentException e)
        {
            ControlLog.UpdateNotDone(_parts.Logger, "an update", "unknown", $"{path}: {e.Message}");
        }
    }

    private void Tell(UpdateResult result)
    {
        string to = result.To ?? "another version", status = UpdateResult.Name(result.Status);
        if (result.Status == UpdateStatus.Done) ControlLog.Updated(_parts.Logger, result.From, to);
        else ControlLog.UpdateNotDone(_parts.Logger, to, status, result.Reason ?? "no reason given");
        Event("agent/update", json =>
        {
            json.WriteString("status"u8, status);
            json.WriteString("from"u8, result.From);
            json.WriteString("to"u8, result.To);
            if (result.Reason is not null) json.WriteString("reason"u8, result.Reason);
        });
    }
}
