using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// The platform's word on a release: which package it is, byte by byte, and what a device has to know before it installs it. Who may tell a device to
/// install it is another matter: a tenant commands that.
/// </summary>
internal sealed record UpdateManifest
{
    public const string Type = "edge-update+jws";

    /// <summary>The only package that there are updates of.</summary>
    public const string Package = "edge-agent";

    public const long DefaultHealthSeconds = 180, LeastHealthSeconds = 10, MostHealthSeconds = 3600;

    /// <summary>The largest number of a store's format.</summary>
    public const int MaxStoreFormat = 1_000_000;

    private UpdateManifest()
    {
    }

    public required DebianVersion Version { get; init; }

    /// <summary>As dpkg names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Of the package's file.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Of the same, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>In which format it keeps the store; it reads every one before.</summary>
    public required int StoreFormat { get; init; }

    /// <summary>Within which time it has to have been up for half of it, with the broker if that was there before.</summary>
    public required TimeSpan Health { get; init; }

    /// <summary>It may replace a newer version.</summary>
    public required bool MayDowngrade { get; init; }

    /// <summary>The architecture of this machine as dpkg names it.</summary>
    public static string OwnArchitecture { get; } = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <param name="text">A JWS.</param>
    /// <param name="release">The keys of which one must have signed it.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static UpdateManifest Open(ReadOnlySpan<byte> text, IEnumerable<VerificationKey> release) => Read(Jws.Open(text, Type, release).Payload);

    /// <exception cref="DocumentException">It would be refused.</exception>
    public static string Sign(SigningKey key, string version, string architecture, Sha256Digest digest, long size, int storeFormat, long healthSeconds, bool mayDowngrade)
    {
        var payload = new JsonObject
        {
            ["package"] = Package,
            ["version"] = version,
            ["architecture"] = architecture,
            ["sha256"] = digest.ToString(),
            ["size"] = size,
            ["storeFormat"] = storeFormat,
            ["healthSeconds"] = healthSeconds,
            ["downgrade"] = mayDowngrade,
        };
        _ = Read(payload.ToElement());
        return Jws.Sign(key, Type, payload);
    }

    /// <summary>Why it is not to be installed where another version is; null if it may be.</summary>
    /// <param name="installed">The version that is installed.</param>
    /// <param name="architecture">Of the machine.</param>
    /// <param name="storeFormat">In which the machine's store is kept.</param>
    public string? ObstacleOver(DebianVersion installed, string architecture, int storeFormat)
    {
        if (Architecture != architecture) return $"for {Architecture}; this machine is {architecture}";
        int order = Version.CompareTo(installed);
        if (order == 0) return $"{installed} is installed already";
        if (order < 0 && !MayDowngrade) return $"older than {installed}, which is installed; only a manifest with 'downgrade' allows that";
        return StoreFormat < storeFormat ? $"it reads stores up to format {StoreFormat}, and this device's is of format {storeFormat}" : null;
    }

    private static UpdateManifest Read(JsonElement payload)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(payload, "", mistakes, "package", "version", "architecture", "sha256", "size", "storeFormat", "healthSeconds", "downgrade");
        reader.Word("package", Package);
        DebianVersion version = default;
        if (reader.Text("version") is { } text && !DebianVersion.TryParse(text, out version)) reader.Add("version", $"{Quoted.Of(text)}: expected {DebianVersion.Expected}");
        string? architecture = reader.Word("architecture", "amd64", "arm64");
        Sha256Digest digest = default;
        if (reader.Text("sha256") is { } hash && !Sha256Digest.TryParse(hash, out digest)) reader.Add("sha256", $"expected a digest: {Sha256Digest.Expected}");
        long? size = reader.Whole("size", 1, ArtifactManifest.MaxSize), format = reader.Whole("storeFormat", 1, MaxStoreFormat);
        long? seconds = reader.Whole("healthSeconds", LeastHealthSeconds, MostHealthSeconds);
        bool? downgrade = reader.Boolean("downgrade", isRequired: true);
        if (mistakes.Count > 0) throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
        return new UpdateManifest
        {
            Version = version,
            Architecture = architecture!,
            Digest = digest,
            Size = size!.Value,
            StoreFormat = (int)format!.Value,
            Health = TimeSpan.FromSeconds(seconds!.Value),
            MayDowngrade = downgrade!.Value,
        };
    }
}
