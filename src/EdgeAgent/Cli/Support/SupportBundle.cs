using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Support;

/// <summary>Everything that helps to find out what is wrong with a device, as far as it can be had, without secrets, within limits of time and size.</summary>
/// <param name="parts">What it is made of; what matters most comes first.</param>
/// <param name="secrets">Know in the end what must not be in it.</param>
/// <param name="time">The clock.</param>
internal sealed class SupportBundle(IReadOnlyList<BundlePart> parts, KnownSecrets secrets, TimeProvider time)
{
    public const string ManifestName = "manifest.json";

    /// <summary>Of all parts together, before compression.</summary>
    public const int MaxBytes = 12 * 1024 * 1024;

    /// <summary>How long one part may take, and how much longer it may take to end.</summary>
    public static readonly TimeSpan PartLimit = TimeSpan.FromSeconds(30), Grace = TimeSpan.FromSeconds(5);

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<(BundlePart Part, BundleContent Content)> _made = [];
    private readonly List<(BundlePart Part, string Why)> _leftOut = [];

    /// <summary>The names of what is not in it.</summary>
    public IEnumerable<string> LeftOut => _leftOut.Select(part => part.Part.Name);

    /// <summary>Makes all parts. One that fails or takes too long is left out.</summary>
    /// <exception cref="OperationCanceledException">The user has had enough.</exception>
    public async Task CollectAsync(CancellationToken stop)
    {
        foreach (var part in parts)
        {
            using var limit = new CancellationTokenSource(PartLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
            try
            {
                // A disk that hangs holds up a thread, and not this one.
                _made.Add((part, await Task.Run(() => part.Make(either.Token), stop).WaitAsync(PartLimit + Grace, time, stop)));
            }
            catch (Exception e)
            {
                stop.ThrowIfCancellationRequested();
                _leftOut.Add((part, e is TimeoutException or OperationCanceledException ? $"took longer than {PartLimit.TotalSeconds:0} s" : e.Message));
            }
        }
    }

    /// <summary>Writes what was collected as .tar.gz.</summary>
    public void Write(Stream output)
    {
        var now = time.GetUtcNow();
        List<(string Name, byte[] Content)> files = [];
        List<JsonNode> described = [];
        int room = MaxBytes;
        // What must not be in it is known now that all of it is there.
        foreach (var (part, content) in _made)
        {
            byte[] bytes = Text(content, room, out bool isCut);
            room -= bytes.Length;
            files.Add((part.Name, bytes));
            described.Add(new JsonObject { ["name"] = part.Name, ["what"] = part.What, ["bytes"] = bytes.Length, ["note"] = isCut ? $"cut: a bundle has at most {MaxBytes} bytes" : content.Note });
        }
        var manifest = new JsonObject
        {
            ["edgeAgent"] = AgentVersion.Text,
            ["created"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["user"] = Environment.UserName,
            ["parts"] = new JsonArray([.. described]),
            ["leftOut"] = new JsonArray([.. _leftOut.Select(part => new JsonObject { ["name"] = part.Part.Name, ["what"] = part.Part.What, ["why"] = part.Why })]),
        };
        using var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        foreach (var (name, content) in files.Prepend((ManifestName, Encoding.UTF8.GetBytes(secrets.Clean(manifest)!.ToJsonString() + "\n"))))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"edge-agent-support/{name}") { Mode = Private, ModificationTime = now, DataStream = new MemoryStream(content) });
    }

    private byte[] Text(BundleContent content, int room, out bool isCut)
    {
        using var text = new MemoryStream();
        isCut = false;
        foreach (var item in content.Items)
        {
            byte[] line = Encoding.UTF8.GetBytes(secrets.Clean(item)!.ToJsonString() + "\n");
            isCut = text.Length + line.Length > room;
            if (isCut) break;
            text.Write(line);
        }
        return text.ToArray();
    }
}
