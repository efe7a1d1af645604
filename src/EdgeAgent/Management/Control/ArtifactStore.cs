using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Control;

/// <summary>
/// A tenant's artifacts on the disk, each named by its content and checked against that name when it comes and when it is used. What is
/// larger than one message comes as a manifest and chunks. They go when the device leaves the tenant.
/// </summary>
internal sealed class ArtifactStore(IDisk disk, TenantId tenant, ILogger logger)
{
    private readonly Dictionary<Sha256Digest, ArtifactManifest> _manifests = [];

    public bool Contains(Sha256Digest artifact) => disk.TryRead(PathOf(artifact)) is not null;

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
            disk.Replace(PathOf(name), content);
        }
        else if (wanted.Contains(name))
        {
            try
            {
                _manifests[name] = ArtifactManifest.Parse(content);
            }
            catch (DocumentException e)
            {
                ControlLog.ArtifactRefused(logger, tenant, name, $"its content has another digest and is no manifest either: {e.Message}");
            }
        }
        else
        {
            ControlLog.ArtifactRefused(logger, tenant, name, "the chunk's content has another digest");
        }
        Assemble();
    }

    /// <exception cref="IOException">It is not there, or what is there was altered.</exception>
    public Stream Open(Sha256Digest artifact)
    {
        if (disk.TryRead(PathOf(artifact)) is not { } stored) throw new IOException("the artifact is not on the device");
        if (Sha256Digest.Of(stored) == artifact) return new MemoryStream(stored, writable: false);
        disk.Delete(PathOf(artifact));
        throw new IOException("the artifact was altered on the disk and is fetched again");
    }

    /// <summary>Deletes all others.</summary>
    public void Keep(IReadOnlyCollection<Sha256Digest> needed)
    {
        foreach (string path in disk.List().Where(path => path.StartsWith(Directory, StringComparison.Ordinal)))
        {
            if (!Sha256Digest.TryParse(path[Directory.Length..], out var artifact) || !needed.Contains(artifact)) disk.Delete(path);
        }
        foreach (var manifest in _manifests.Keys.Except(needed).ToArray()) _manifests.Remove(manifest);
    }

    private string Directory => $"tenants/{tenant}/artifacts/";

    private string PathOf(Sha256Digest artifact) => Directory + artifact;

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
                if (content.Length == manifest.Size && Sha256Digest.Of(content) == artifact) disk.Replace(PathOf(artifact), content);
                else ControlLog.ArtifactRefused(logger, tenant, artifact, "its chunks put together have another size or digest");
            }
            finally
            {
                foreach (var chunk in manifest.Chunks.Distinct()) disk.Delete(PathOf(chunk));
            }
        }
    }
}
