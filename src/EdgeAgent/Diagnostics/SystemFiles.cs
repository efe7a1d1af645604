using System.Globalization;
using System.Text;

namespace EdgeAgent.Diagnostics;

/// <summary>The kernel's files about the machine, below a root that tests may choose. What cannot be read or is not as expected is null.</summary>
/// <param name="root">The directory that holds <c>proc</c> and <c>sys</c>.</param>
internal sealed class SystemFiles(string root)
{
    /// <summary>What matters stands at the beginning; /proc/stat alone may be longer, on machines with many interrupts.</summary>
    private const int MostBytes = 16 * 1024;

    public string? Text(string path)
    {
        try
        {
            using var file = new FileStream(Path.Combine(root, path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] bytes = new byte[MostBytes];
            return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A file that holds one number.</summary>
    public long? Number(string path) => ParseNumber(Text(path));

    /// <summary>The first number behind <c>name:</c> at the beginning of a line.</summary>
    public long? Member(string path, string name)
    {
        foreach (var line in (Text(path) ?? "").AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length <= name.Length || line[name.Length] != ':') continue;
            var value = line[(name.Length + 1)..].Trim();
            int end = value.IndexOf(' ');
            return ParseNumber(end < 0 ? value : value[..end]);
        }
        return null;
    }

    /// <summary>The directories of a directory whose names begin like this.</summary>
    public IEnumerable<string> Directories(string path, string prefix)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Path.Combine(root, path), prefix + "*").Select(found => Path.Combine(path, Path.GetFileName(found))).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public static long? ParseNumber(ReadOnlySpan<char> text) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
