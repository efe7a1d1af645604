using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Obd;

/// <summary>A monitor of the emission control, which tests a part of it in the course of a drive.</summary>
/// <param name="Name">What it tests.</param>
/// <param name="IsSupported">Whether the ECU has it; of this driving cycle (41), whether it is enabled.</param>
/// <param name="IsComplete">Whether it has run to its end; without meaning if it is not supported.</param>
public sealed record ReadinessMonitor(string Name, bool IsSupported, bool IsComplete);

/// <summary>What parameter 01 (since trouble codes were cleared) or 41 (in this driving cycle) says (SAE J1979-DA Annex B).</summary>
/// <param name="IsIndicatorOn">Whether the malfunction indicator is commanded on; not in 41.</param>
/// <param name="CodeCount">Confirmed trouble codes, 0–127; not in 41.</param>
/// <param name="IsCompressionIgnition">Which monitors C and D are about: those of a diesel, or else of a petrol engine.</param>
/// <param name="Monitors">All that the standard has for this kind of engine.</param>
public sealed record ReadinessReport(bool IsIndicatorOn, int CodeCount, bool IsCompressionIgnition, IReadOnlyList<ReadinessMonitor> Monitors)
{
    private const int Bytes = 4;

    // By the bits of B (0–2 supported, 4–6 incomplete), and of C (supported) and D (incomplete).
    private static readonly string[] Continuous = ["misfire", "fuel system", "components"];

    private static readonly string?[]
        Spark = ["catalyst", "heated catalyst", "evaporative system", "secondary air", "particulate filter", "oxygen sensor", "oxygen sensor heater", "EGR or VVT"],
        Compression = ["NMHC catalyst", "NOx or SCR", null, "boost pressure", null, "exhaust gas sensor", "particulate filter", "EGR or VVT"];

    /// <summary>True if all supported monitors have run to their end, as an inspection wants it.</summary>
    public bool IsReady => Monitors.All(monitor => !monitor.IsSupported || monitor.IsComplete);

    /// <summary>Reads A–D. False if the data is shorter.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out ReadinessReport? report)
    {
        report = null;
        if (data.Length < Bytes) return false;
        var monitors = new List<ReadinessMonitor>();
        for (int i = 0; i < Continuous.Length; i++) monitors.Add(new ReadinessMonitor(Continuous[i], (data[1] >> i & 1) != 0, (data[1] >> (4 + i) & 1) == 0));
        bool isCompression = (data[1] & 0x08) != 0;
        var names = isCompression ? Compression : Spark;
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i] is { } name) monitors.Add(new ReadinessMonitor(name, (data[2] >> i & 1) != 0, (data[3] >> i & 1) == 0));
        }
        report = new ReadinessReport((data[0] & 0x80) != 0, data[0] & 0x7F, isCompression, monitors);
        return true;
    }
}
