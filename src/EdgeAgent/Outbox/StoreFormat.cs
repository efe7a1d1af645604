using System.Globalization;
using System.Text;

namespace EdgeAgent.Outbox;

/// <summary>
/// By which format everything below a state directory is kept: a decimal number in the file <c>format</c>. It grows when an earlier version would
/// misread what a later one writes, and not with each thing that is added. Without the file it is 1.
/// </summary>
internal static class StoreFormat
{
    /// <summary>What this version writes; it reads every format up to it.</summary>
    public const int Current = 1;

    public const string FileName = "format";

    /// <summary>What the file holds.</summary>
    public static byte[] Mark => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Current}\n"));

    /// <param name="root">The state directory, to be named.</param>
    /// <param name="mark">The file's content; null if there is none.</param>
    /// <returns>False if the mark is to be written anew: it is missing, older, or no number, as damage may have left it.</returns>
    /// <exception cref="NewerStoreException">A later version has written there.</exception>
    public static bool IsCurrent(string root, byte[]? mark)
    {
        if (mark is null || !int.TryParse(Encoding.ASCII.GetString(mark).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int format)) return false;
        return format <= Current ? format == Current : throw new NewerStoreException(
            $"{root}: written by a newer version of edge-agent (store format {format}; this one reads up to {Current}); install that version again, or move the directory away and lose what waits in it");
    }
}

/// <summary>What is stored can be read only by a later version.</summary>
internal sealed class NewerStoreException(string message) : Exception(message);
