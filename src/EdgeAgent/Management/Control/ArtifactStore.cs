using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Control;

/// <summary>
/// A tenant's artifacts on the disk, each named by its content and checked against that name when it comes and when it is used. What is
/// larger than one message comes as a manifest and chunks. They go when the device leaves the tenant.
/// </summary>
internal sealed class ArtifactStore
{
    private readonly IDisk _disk;
    private readonly TenantId _tenant;
    private readonly ILogger _logger;
    private readonly string _directory;
    private readonly Dictionary<Sha256Digest, ArtifactManifest> _manifests = [];
    private readonly HashSet<Sha256Digest> _present = [];

    public ArtifactStore(IDisk disk, TenantId tenant, ILogger logger)
    {
        (_disk, _tenant, _logger) = (disk, tenant, logger);
        _directory = $"tenants/{tenant}/artifacts/";
        foreach (string path in disk.List())
        {
            if (path.StartsWith(_directory, StringComparison.Ordinal) && Sha256Digest.TryParse(path[_directory.Length..], out var artifact)) _present.Add(artifact);
        }
    }

    public bool Contains(Sha256Digest artifact) => _present.Contains(artifact);

    /// <summary>What has to be asked for so that these are complete: artifacts, and chunks of those whose manifest has come.</summary>
    public IReadOnlyList<Sha256Digest> Missing(IEnumerable<Sha256Digest> wanted)
    {
        List<Sha256Digest> missing = [];
        foreach (var artifact in wanted)
        {
            if (Contains(artifact)) continue;
            if (_manifests.TryGetValue(artifact, out var manifest)) missing.AddRange(manifest.Chunks.Where(chunk => !Contains(chunk)));
            else missing.Add(artifact);
        }
        return [.. missing.Distinct()];
    }

    /// <summary>Takes what came under the topic of <paramref name="name"/>, if it is what the name says or a manifest for it.</summary>
    /// <param name="name">The digest in the topic.</param>
    /// <param name="content">What came.</param>
    /// <param name="wanted">The artifacts that are needed.</param>
    /// <exception cref="IOException">It could not be stored.</exception>
    public void Accept(Sha256Digest name, ReadOnlySpan<byte> content, IReadOnlyCollection<Sha256Digest> wanted)
    {
        if (!Missing(wanted).Contains(name)) return;
        if (Sha256Digest.Of(content) == name)
        {
            Store(name, content);
        }
        else if (wanted.Contains(name))
        {
            try
            {
                _manifests[name] = ArtifactManifest.Parse(content);
            }
            catch (DocumentException e)
            {
                ControlLog.ArtifactRefused(_logger, _tenant, name, $"its content has another digest and is no manifest either: {e.Message}");
            }
        }
        else
        {
            ControlLog.ArtifactRefused(_logger, _tenant, name, "the chunk's content has another digest");
        }
        Assemble();
    }

    /// <exception cref="IOException">It is not there, or what is there was altered.</exception>
    public Stream Open(Sha256Digest artifact)
    {
        if (_disk.TryRead(PathOf(artifact)) is not { } stored) throw new IOException("the artifact is not on the device");
        if (Sha256Digest.Of(stored) == artifact) return new MemoryStream(stored, writable: false);
        Delete(artifact);
        throw new IOException("the artifact was altered on the disk and is fetched again");
    }

    /// <summary>Deletes all others.</summary>
    /// <exception cref="IOException">Some are still there.</exception>
    public void Keep(IReadOnlyCollection<Sha256Digest> needed)
    {
        foreach (var artifact in _present.Except(needed).ToArray()) Delete(artifact);
        foreach (var manifest in _manifests.Keys.Except(needed).ToArray()) _manifests.Remove(manifest);
    }

    private string PathOf(Sha256Digest artifact) => _directory + artifact;

    private void Store(Sha256Digest name, ReadOnlySpan<byte> content)
    {
        _disk.Replace(PathOf(name), content);
        _present.Add(name);
    }

    private void Delete(Sha256Digest artifact)
    {
        _disk.Delete(PathOf(artifact));
        _present.Remove(artifact);
    }

    private void Assemble()
    {
        foreach (var (artifact, manifest) in _manifests.ToArray())
        {
            if (!manifest.Chunks.All(Contains)) continue;
            _manifests.Remove(artifact);
            try
            {
                using var whole = new MemoryStream();
                foreach (var chunk in manifest.Chunks)
                {
                    using var part = Open(chunk);
                    if (whole.Length + part.Length > manifest.Size) break;
                    part.CopyTo(whole);
                }
                byte[] content = whole.ToArray();
                if (content.Length == manifest.Size && Sha256Digest.Of(content) == artifact) Store(artifact, content);
                else ControlLog.ArtifactRefused(_logger, _tenant, artifact, "its chunks put together have another size or digest");
            }
            finally
            {
                foreach (var chunk in manifest.Chunks.Distinct()) Delete(chunk);
            }
        }
    }
}
