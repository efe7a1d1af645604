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
    private readonly Dictionary<Sha256Digest, long> _present = [];
    private readonly Dictionary<Sha256Digest, string> _troubles = [];

    public ArtifactStore(IDisk disk, TenantId tenant, ILogger logger)
    {
        (_disk, _tenant, _logger) = (disk, tenant, logger);
        _directory = $"tenants/{tenant}/artifacts/";
        foreach (string path in disk.List())
        {
            if (path.StartsWith(_directory, StringComparison.Ordinal) && Sha256Digest.TryParse(path[_directory.Length..], out var artifact)) _present[artifact] = disk.TryRead(path)?.Length ?? 0;
        }
    }

    /// <summary>The most bytes of all artifacts of a tenant: what a vehicle's files take is far less.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    private long StoredBytes => _present.Values.Sum();

    public bool Contains(Sha256Digest artifact) => _present.ContainsKey(artifact);

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

    /// <summary>Why an artifact cannot be had, whatever is asked for again; null if nothing is known against it.</summary>
    public string? TroubleOf(Sha256Digest artifact) => _troubles.GetValueOrDefault(artifact);

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
            if (StoredBytes + content.Length > MaxBytes) Refuse(OwnerOf(name), $"more than {MaxBytes} bytes of artifacts");
            else Store(name, content);
        }
        else if (wanted.Contains(name))
        {
            try
            {
                var manifest = ArtifactManifest.Parse(content);
                if (StoredBytes + manifest.Size > MaxBytes) Refuse(name, $"more than {MaxBytes} bytes of artifacts");
                else _manifests[name] = manifest;
            }
            catch (DocumentException e)
            {
                Refuse(name, $"what was published has another digest and is no manifest either: {e.Message}");
            }
        }
        else
        {
            Refuse(OwnerOf(name), $"its chunk {name} has another digest");
        }
        Assemble();
    }

    /// <exception cref="IOException">It is not there, or what is there was altered.</exception>
    public Stream Open(Sha256Digest artifact)
    {
        if (_disk.TryRead(PathOf(artifact)) is not { } stored)
        {
            // As after a deletion that failed half-way.
            _present.Remove(artifact);
            throw new IOException("the artifact is not on the device and is fetched again");
        }
        if (Sha256Digest.Of(stored) == artifact) return new MemoryStream(stored, writable: false);
        Delete(artifact);
        throw new IOException("the artifact was altered on the disk and is fetched again");
    }

    /// <summary>Deletes all others.</summary>
    /// <exception cref="IOException">Some are still there.</exception>
    public void Keep(IReadOnlyCollection<Sha256Digest> needed)
    {
        var kept = needed.Concat(_manifests.Where(manifest => needed.Contains(manifest.Key)).SelectMany(manifest => manifest.Value.Chunks)).ToHashSet();
        foreach (var artifact in _present.Keys.Where(artifact => !kept.Contains(artifact)).ToArray()) Delete(artifact);
        foreach (var manifest in _manifests.Keys.Except(needed).ToArray()) _manifests.Remove(manifest);
        foreach (var trouble in _troubles.Keys.Except(needed).ToArray()) _troubles.Remove(trouble);
    }

    private string PathOf(Sha256Digest artifact) => _directory + artifact;

    private void Store(Sha256Digest name, ReadOnlySpan<byte> content)
    {
        _disk.Replace(PathOf(name), content);
        _present[name] = content.Length;
    }

    private void Delete(Sha256Digest artifact)
    {
        _disk.Delete(PathOf(artifact));
        _present.Remove(artifact);
    }

    private Sha256Digest OwnerOf(Sha256Digest chunk) => _manifests.FirstOrDefault(manifest => manifest.Value.Chunks.Contains(chunk)) is { Value: not null } found ? found.Key : chunk;

    /// <summary>It is not asked for again: the same would come.</summary>
    private void Refuse(Sha256Digest artifact, string why)
    {
        ControlLog.ArtifactRefused(_logger, _tenant, artifact, why);
        _troubles[artifact] = why;
        if (_manifests.Remove(artifact, out var manifest)) DeleteChunks(manifest);
    }

    private void DeleteChunks(ArtifactManifest manifest)
    {
        foreach (var chunk in manifest.Chunks.Distinct().Where(Contains)) Delete(chunk);
    }

    /// <summary>Puts together what has all of its chunks; also what could not be read when the last of them came.</summary>
    /// <exception cref="IOException">The disk did not let it be put together; to be called again.</exception>
    public void Assemble()
    {
        foreach (var (artifact, manifest) in _manifests.ToArray())
        {
            if (manifest.Chunks.Distinct().Where(Contains).Sum(chunk => _present[chunk]) > manifest.Size)
            {
                Refuse(artifact, "its chunks are larger than its manifest says");
                continue;
            }
            if (!manifest.Chunks.All(Contains)) continue;
            using var whole = new MemoryStream((int)manifest.Size);
            foreach (var chunk in manifest.Chunks)
            {
                using var part = Open(chunk);
                if (whole.Length + part.Length > manifest.Size) break;
                part.CopyTo(whole);
            }
            byte[] content = whole.ToArray();
            if (content.Length != manifest.Size || Sha256Digest.Of(content) != artifact)
            {
                Refuse(artifact, "its chunks put together have another size or digest");
                continue;
            }
            _manifests.Remove(artifact);
            DeleteChunks(manifest);
            Store(artifact, content);
        }
    }
}
