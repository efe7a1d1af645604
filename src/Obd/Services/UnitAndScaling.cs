namespace EdgeAgent.Obd;

/// <summary>A unit and scaling identifier of service 06 (SAE J1979-DA Annex E): how the 16 bits of a test value, and of its limits, are meant.</summary>
/// <param name="Id">The byte. From 80 (hexadecimal) on values are signed.</param>
/// <param name="Unit">Null for a count or ratio.</param>
/// <param name="Scale">What one step is worth.</param>
/// <param name="Offset">The value of raw 0.</param>
public sealed record UnitAndScaling(byte Id, string? Unit, double Scale, double Offset = 0)
{
    private static readonly Dictionary<byte, UnitAndScaling> Known = All().ToDictionary(scaling => scaling.Id);

    /// <summary>True for two's complement.</summary>
    public bool IsSigned => Id >= 0x80;

    /// <summary>The identifier's meaning; of one that the standard does not define, the raw value without a unit.</summary>
    public static UnitAndScaling Of(byte id) => Known.TryGetValue(id, out var known) ? known : new UnitAndScaling(id, null, 1);

    /// <summary>The value.</summary>
    public double ToValue(ushort raw) => (IsSigned ? (short)raw : raw) * Scale + Offset;

    private static UnitAndScaling[] All() =>
    [
        new(0x01, null, 1), new(0x02, null, 0.1), new(0x03, null, 0.01), new(0x04, null, 0.001), new(0x05, null, 0.0000305), new(0x06, null, 0.000305),
        new(0x07, "rpm", 0.25), new(0x08, "km/h", 0.01), new(0x09, "km/h", 1), new(0x0A, "mV", 0.122), new(0x0B, "V", 0.001), new(0x0C, "V", 0.01),
        new(0x0D, "mA", 0.00390625), new(0x0E, "A", 0.001), new(0x0F, "A", 0.01), new(0x10, "ms", 1), new(0x11, "ms", 100), new(0x12, "s", 1),
        new(0x13, "mΩ", 1), new(0x14, "Ω", 1), new(0x15, "kΩ", 1), new(0x16, "°C", 0.1, -40), new(0x17, "kPa", 0.01), new(0x18, "kPa", 0.0117),
        new(0x19, "kPa", 0.079), new(0x1A, "kPa", 1), new(0x1B, "kPa", 10), new(0x1C, "°", 0.01), new(0x1D, "°", 0.5), new(0x1E, null, 0.0000305),
        new(0x1F, null, 0.05), new(0x20, null, 0.00390625), new(0x21, "mHz", 1), new(0x22, "Hz", 1), new(0x23, "kHz", 1), new(0x24, null, 1),
        new(0x25, "km", 1), new(0x26, "mV/ms", 0.1), new(0x27, "g/s", 0.01), new(0x28, "g/s", 1), new(0x29, "Pa/s", 0.25), new(0x2A, "kg/h", 0.001),
        new(0x2B, null, 1), new(0x2C, "g", 0.01), new(0x2D, "mg/stroke", 0.01), new(0x2E, null, 1), new(0x2F, "%", 0.01), new(0x30, "%", 0.001526),
        new(0x31, "L", 0.001), new(0x32, "in", 0.0000305), new(0x33, null, 0.00024414), new(0x34, "min", 1), new(0x35, "ms", 10), new(0x36, "g", 0.01),
        new(0x37, "g", 0.1), new(0x38, "g", 1), new(0x39, "%", 0.01, -327.68), new(0x3A, "g", 0.001), new(0x3B, "g", 0.0001), new(0x3C, "µs", 0.1),
        new(0x3D, "mA", 0.01), new(0x3E, "mm²", 0.00006103516), new(0x3F, "L", 0.01), new(0x40, "ppm", 1), new(0x41, "µA", 0.01),
        new(0x81, null, 1), new(0x82, null, 0.1), new(0x83, null, 0.01), new(0x84, null, 0.001), new(0x85, null, 0.0000305), new(0x86, null, 0.000305),
        new(0x87, "ppm", 1), new(0x8A, "mV", 0.122), new(0x8B, "V", 0.001), new(0x8C, "V", 0.01), new(0x8D, "mA", 0.00390625), new(0x8E, "A", 0.001),
        new(0x90, "ms", 1), new(0x96, "°C", 0.1), new(0x99, "kPa", 0.1), new(0x9C, "°", 0.01), new(0x9D, "°", 0.5), new(0xA8, "g/s", 1),
        new(0xA9, "Pa/s", 0.25), new(0xAD, "mg/stroke", 0.01), new(0xAE, "mg/stroke", 0.1), new(0xAF, "%", 0.01), new(0xB0, "%", 0.003052), new(0xB1, "mV/s", 2),
        new(0xFC, "kPa", 0.01), new(0xFD, "kPa", 0.001), new(0xFE, "Pa", 0.25),
    ];
}
