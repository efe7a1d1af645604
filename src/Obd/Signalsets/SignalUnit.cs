using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>
/// A unit of the signalset format, and how its values become those of one canonical set: °C, km (distances), m (lengths), km/h, m/s², °, s, Hz,
/// rpm, V, A, Ah, Ω, kW, kWh, kWh/100km, kPa, Nm, L, L/h, g/s, g/L, mg/stroke and %.
/// </summary>
/// <param name="Name">In the format: <c>kilometersPerHour</c>.</param>
/// <param name="Symbol">As it is written behind a value; null where there is nothing to write.</param>
/// <param name="CanonicalSymbol">The symbol of the canonical unit; null where there is none.</param>
/// <param name="Scale">What one is in the canonical unit.</param>
/// <param name="Offset">What zero is in the canonical unit.</param>
/// <param name="IsReciprocal">True if the canonical value is the scale divided by the value.</param>
public sealed record SignalUnit(string Name, string? Symbol, string? CanonicalSymbol, double Scale = 1, double Offset = 0, bool IsReciprocal = false)
{
    private const double Mile = 1.609344, Gallon = 3.785411784, PoundFoot = 1.3558179483314004;

    private static readonly Dictionary<string, SignalUnit> Known = All().ToDictionary(unit => unit.Name, StringComparer.Ordinal);

    /// <summary>For text instead of a number: each byte a character.</summary>
    public bool IsText => Name == "ascii";

    /// <summary>For a number that is written in hexadecimal digits.</summary>
    public bool IsHexadecimal => Name == "hex";

    /// <summary>A unit of the format.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out SignalUnit? unit) => Known.TryGetValue(name, out unit);

    /// <summary>A unit that the format does not know: it stays as it is.</summary>
    public static SignalUnit Unknown(string name) => new(name, name, name);

    /// <summary>A value of this unit in the canonical one.</summary>
    public double ToCanonical(double value) => IsReciprocal ? Scale / value : value * Scale + Offset;

    private static IEnumerable<SignalUnit> All() =>
    [
        Same("celsius", "°C"), new("fahrenheit", "°F", "°C", 5 / 9.0, -160 / 9.0), new("kelvin", "K", "°C", 1, -273.15),
        Same("kilometers", "km"), new("miles", "mi", "km", Mile),
        Same("meters", "m"), new("centimeters", "cm", "m", 0.01), new("millimeters", "mm", "m", 0.001), new("inches", "in", "m", 0.0254),
        new("feet", "ft", "m", 0.3048), new("yards", "yd", "m", 0.9144),
        Same("kilometersPerHour", "km/h"), new("metersPerSecond", "m/s", "km/h", 3.6), new("milesPerHour", "mph", "km/h", Mile),
        Same("metersPerSecondSquared", "m/s²"), new("gravity", "g", "m/s²", 9.80665),
        Same("degrees", "°"), new("radians", "rad", "°", 180 / Math.PI),
        Same("seconds", "s"), new("milliseconds", "ms", "s", 0.001), new("minutes", "min", "s", 60), new("hours", "h", "s", 3600),
        Same("hertz", "Hz"), new("nanohertz", "nHz", "Hz", 1e-9), new("microhertz", "µHz", "Hz", 1e-6), new("millihertz", "mHz", "Hz", 1e-3),
        new("kilohertz", "kHz", "Hz", 1e3), new("megahertz", "MHz", "Hz", 1e6), new("gigahertz", "GHz", "Hz", 1e9), new("terahertz", "THz", "Hz", 1e12),
        new("framesPerSecond", "1/s", "Hz"), Same("rpm", "rpm"),
        Same("volts", "V"), new("millivolts", "mV", "V", 0.001), new("kilovolts", "kV", "V", 1000),
        Same("amps", "A"), new("milliamps", "mA", "A", 0.001), new("kiloamps", "kA", "A", 1000),
        Same("ampereHours", "Ah"), new("milliampereHours", "mAh", "Ah", 0.001), new("kiloampereHours", "kAh", "Ah", 1000), new("coulombs", "C", "Ah", 1 / 3600.0),
        Same("ohms", "Ω"), new("microohms", "µΩ", "Ω", 1e-6), new("milliohms", "mΩ", "Ω", 1e-3), new("kiloohms", "kΩ", "Ω", 1e3), new("megaohms", "MΩ", "Ω", 1e6),
        Same("kilowatts", "kW"), new("watts", "W", "kW", 1e-3), new("milliwatts", "mW", "kW", 1e-6),
        Same("kilowattHours", "kWh"), new("joules", "J", "kWh", 1 / 3.6e6), new("kilojoules", "kJ", "kWh", 1 / 3600.0),
        Same("kilowattHoursPer100Kilometers", "kWh/100km"), new("kilowattHoursPer100Miles", "kWh/100mi", "kWh/100km", 1 / Mile),
        new("milesPerKilowattHour", "mi/kWh", "kWh/100km", 100 / Mile, 0, IsReciprocal: true),
        Same("kilopascal", "kPa"), new("bars", "bar", "kPa", 100), new("psi", "psi", "kPa", 6.894757293168361),
        Same("newtonMeters", "Nm"), new("poundFoot", "lbf·ft", "Nm", PoundFoot), new("inchPound", "lbf·in", "Nm", PoundFoot / 12),
        Same("liters", "L"), new("gallons", "gal", "L", Gallon), Same("litersPerHour", "L/h"), new("gallonsPerHour", "gal/h", "L/h", Gallon),
        Same("gramsPerSecond", "g/s"), new("kilogramsPerHour", "kg/h", "g/s", 1 / 3.6),
        Same("gramsPerLiter", "g/L"), new("milligramsPerDeciliter", "mg/dL", "g/L", 0.01), Same("milligramsPerStroke", "mg/stroke"),
        Same("percent", "%"), new("normal", null, "%", 100),
        Bare("scalar"), Bare("unknown"), Bare("ascii"), Bare("hex"), Bare("noyes"), Bare("yesno"), Bare("offon"),
    ];

    private static SignalUnit Same(string name, string symbol) => new(name, symbol, symbol);

    private static SignalUnit Bare(string name) => new(name, null, null);
}
