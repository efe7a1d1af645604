using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace EdgeAgent.Tests.Cli.Support;

/// <summary>A bundle, unpacked.</summary>
internal static partial class BundleFiles
{
    /// <summary>What is in it, by name without the directory.</summary>
    public static Dictionary<string, string> Read(Stream stream)
    {
        Dictionary<string, string> files = [];
        using var gzip = new GZipStream(stream, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, entry.Mode);
            using var content = new StreamReader(entry.DataStream ?? Stream.Null, Encoding.UTF8);
            files.Add(entry.Name["edge-agent-support/".Length..], content.ReadToEnd());
        }
        return files;
    }

    /// <summary>True if the secret stands there, or in the base64 of anything that holds it.</summary>
    public static bool Holds(string text, string secret) =>
        text.Contains(secret, StringComparison.Ordinal) || Base64().Matches(text).Any(run => Enumerable.Range(0, 4).Any(skip => Decode(run.Value, skip).Contains(secret, StringComparison.Ordinal)));

    private static string Decode(string digits, int skip)
    {
        string whole = digits[Math.Min(skip, digits.Length)..].Replace('-', '+').Replace('_', '/');
        return Encoding.Latin1.GetString(Convert.FromBase64String(whole[..(whole.Length / 4 * 4)]));
    }

    [GeneratedRegex("[A-Za-z0-9+/_-]{4,}")]
    private static partial Regex Base64();
}
