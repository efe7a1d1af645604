using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>A file that a configuration names: a path on the device, or, where the configuration comes from outside, an artifact by its content.</summary>
internal readonly record struct FileReference
{
    /// <summary>What an artifact's name begins with.</summary>
    public const string ArtifactPrefix = "sha256:";

    public const string ExpectedArtifact = $"{ArtifactPrefix} and {Sha256Digest.Expected}, the digest of an artifact of the tenant";

    private readonly string? _path;

    private FileReference(string? path, Sha256Digest? artifact) => (_path, Artifact) = (path, artifact);

    /// <summary>Null for a path.</summary>
    public Sha256Digest? Artifact { get; }

    public string Path => _path ?? throw new InvalidOperationException("An artifact has no path.");

    public static FileReference ToPath(string path) => new(path, null);

    public static bool TryParseArtifact(string text, out FileReference reference)
    {
        bool isValid = text.StartsWith(ArtifactPrefix, StringComparison.Ordinal) & Sha256Digest.TryParse(text[Math.Min(text.Length, ArtifactPrefix.Length)..], out var digest);
        reference = isValid ? new FileReference(null, digest) : default;
        return isValid;
    }

    public override string ToString() => _path ?? ArtifactPrefix + Artifact;
}
