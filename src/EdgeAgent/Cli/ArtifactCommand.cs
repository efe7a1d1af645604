using System.CommandLine;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent artifact</c>: files that configurations name by their digest.</summary>
internal static class ArtifactCommand
{
    private const int DefaultChunkBytes = 128 * 1024, LeastChunkBytes = 256, MostChunkBytes = 16 * 1024 * 1024;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A DBC file, for instance." };
        var chunk = new Option<int>("--chunk-bytes") { Description = "The largest piece: less than the broker's largest message.", HelpName = "N", DefaultValueFactory = _ => DefaultChunkBytes };
        var directory = new Option<string>("--out") { Description = "A directory; made if need be.", HelpName = "DIR", Required = true };
        var split = new Command("split", """
            Writes a file as the retained messages in which devices fetch it, each named
            by its sha256: the file itself if it is small enough, else its chunks and a
            manifest under the digest of the whole. Prints that digest. Publish each
            under tenants/TENANT/artifacts/NAME.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              edge-agent artifact split vehicle.dbc --out artifacts
              for f in artifacts/*; do
                mosquitto_pub -r -f "$f" -t "tenants/acme/artifacts/$(basename "$f")"
              done
            """) { file, chunk, directory };
        split.SetAction(result => Split(result.GetValue(file)!, result.GetValue(chunk), result.GetValue(directory)!));
        return new Command("artifact", """
        Prepares files for devices.

        Example:
          edge-agent artifact split vehicle.dbc --out artifacts
        """) { split };
    }

    private static int Split(string path, int chunkBytes, string directory)
    {
        if (chunkBytes is < LeastChunkBytes or > MostChunkBytes) throw new CommandException(ExitCode.WrongUsage, $"--chunk-bytes: expected {LeastChunkBytes} to {MostChunkBytes}");
        if (string.IsNullOrWhiteSpace(directory)) throw new CommandException(ExitCode.WrongUsage, "--out: a directory is missing");
        byte[] content = SigningArguments.ReadFile(path, ArtifactManifest.MaxSize);
        if (content.Length == 0) throw new CommandException(ExitCode.InputRefused, $"{path}: is empty");
        if ((content.Length + chunkBytes - 1) / chunkBytes > ArtifactManifest.MaxChunks) throw new CommandException(ExitCode.WrongUsage, $"--chunk-bytes: more than {ArtifactManifest.MaxChunks} chunks; make them larger");
        var whole = Sha256Digest.Of(content);
        try
        {
            Directory.CreateDirectory(directory);
            if (content.Length <= chunkBytes)
            {
                Write(directory, whole, content);
            }
            else
            {
                Sha256Digest[] chunks = [.. content.Chunk(chunkBytes).Select(chunk => Write(directory, Sha256Digest.Of(chunk), chunk))];
                Write(directory, whole, new ArtifactManifest(content.Length, chunks).ToUtf8());
            }
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.Failed, $"{directory}: cannot be written: {e.Message}", e);
        }
        return SigningArguments.Print(whole.ToString());
    }

    private static Sha256Digest Write(string directory, Sha256Digest name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(directory, name.ToString()), content);
        return name;
    }
}
