using System.Globalization;
using System.Text;

namespace EdgeAgent.SystemTests.Faults;

/// <summary>
/// A vehicle with one signal that counts. Each run of an agent gets a log of its own, in which the values go on from a multiple of
/// <see cref="RunLength"/>: so whoever receives a value knows which sample of which run it was.
/// </summary>
internal static class CounterDrive
{
    public const int RunLength = 1_000_000;

    public const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Test: 8 ECU
         SG_ Count : 0|32@1+ (1,0) [0|0] "" Vector__XXX
        """;

    /// <summary>Writes the log of a run.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="run">From 1.</param>
    /// <param name="samples">How many.</param>
    /// <param name="perSecond">How fast they are replayed at speed 1.</param>
    public static void Write(string path, int run, int samples, int perSecond)
    {
        var log = new StringBuilder();
        for (int i = 0; i < samples; i++)
        {
            long microseconds = i * 1_000_000L / perSecond;
            uint value = (uint)(run * RunLength + i);
            log.Append(CultureInfo.InvariantCulture, $"({1777881600 + microseconds / 1_000_000}.{microseconds % 1_000_000:D6}) can0 100#")
                .Append(CultureInfo.InvariantCulture, $"{value & 0xFF:X2}{value >> 8 & 0xFF:X2}{value >> 16 & 0xFF:X2}{value >> 24:X2}00000000\n");
        }
        File.WriteAllText(path, log.ToString());
    }
}
