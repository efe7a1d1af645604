using System.Collections.Frozen;

namespace EdgeAgent.Publishing;

/// <summary>Units of DBC files, which are free text, as those that SenML has registered (RFC 8428 §12.1, RFC 8798).</summary>
internal static class SenMlUnit
{
    /// <summary>What a pack with secondary units must have as its version: 10 and the bit of that feature (RFC 9100 §3, feature code 4).</summary>
    public const int VersionWithSecondary = 10 + (1 << 4);

    private static readonly FrozenSet<string> Secondary = new[] { "km/h", "hPa", "mV", "mA", "kW", "kWh", "Ah", "km", "mm", "cm", "ms", "min", "h" }.ToFrozenSet();

    /// <summary>True for the units of RFC 8798.</summary>
    public static bool IsSecondary(string? unit) => unit is not null && Secondary.Contains(unit);

    /// <returns>The registered unit, or null if the text means none of them.</returns>
    public static string? Of(string? dbcUnit) => dbcUnit?.Trim() switch
    {
        "rpm" or "RPM" or "1/min" or "U/min" or "r/min" or "rev/min" => "1/min",
        "km/h" or "kph" or "kmh" or "KPH" or "kmph" => "km/h",
        "m/s" => "m/s",
        "m/s2" or "m/s^2" or "m/s²" => "m/s2",
        "°C" or "degC" or "deg C" or "C" or "Celsius" => "Cel",
        "K" => "K",
        "%" or "percent" => "%",
        "V" or "volt" or "Volt" => "V",
        "mV" => "mV",
        "A" or "amp" => "A",
        "mA" => "mA",
        "W" => "W",
        "kW" => "kW",
        "kWh" => "kWh",
        "Ah" => "Ah",
        "Pa" => "Pa",
        "hPa" or "mbar" => "hPa",
        "m" => "m",
        "km" => "km",
        "mm" => "mm",
        "l" or "L" => "l",
        "kg" => "kg",
        "g" => "g",
        "s" or "sec" => "s",
        "ms" => "ms",
        "min" => "min",
        "h" => "h",
        "rad" => "rad",
        "deg" or "°" => "deg",
        "Hz" => "Hz",
        "N" => "N",
        "J" => "J",
        "ohm" or "Ohm" => "Ohm",
        "lx" => "lx",
        _ => null,
    };
}
