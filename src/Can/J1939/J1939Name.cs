using System.Buffers.Binary;
using System.Globalization;

namespace EdgeAgent.Can.J1939;

/// <summary>The 64-bit NAME of a controller application (SAE J1939-81 §4.1.1). Of two that want the same address the smaller one has it.</summary>
/// <remarks>
/// <code>
///  63   62…60     59…56     55…49    48   47…40     39…35     34…32     31…21         20…0
///  AAC  industry  system    system   res. function  function  ECU       manufacturer  identity
///       group     instance                          instance  instance
/// </code>
/// </remarks>
/// <param name="Value">All bits.</param>
public readonly record struct J1939Name(ulong Value) : IComparable<J1939Name>
{
    /// <summary>The bytes of a NAME.</summary>
    public const int Bytes = 8;

    /// <summary>Whether it can take another address when it loses its own.</summary>
    public bool IsArbitraryAddressCapable => Bits(63, 1) != 0;

    /// <summary>0 global, 1 on-highway, 2 agriculture and forestry, 3 construction, 4 marine, 5 industrial.</summary>
    public int IndustryGroup => Bits(60, 3);

    /// <summary>Which of several systems of its kind, 0–15.</summary>
    public int VehicleSystemInstance => Bits(56, 4);

    /// <summary>The vehicle system, 0–127, by industry group.</summary>
    public int VehicleSystem => Bits(49, 7);

    /// <summary>What it does, 0–255; from 128 on by industry group and system.</summary>
    public int Function => Bits(40, 8);

    /// <summary>Which of several with its function, 0–31.</summary>
    public int FunctionInstance => Bits(35, 5);

    /// <summary>Which of several control units with this function, 0–7.</summary>
    public int EcuInstance => Bits(32, 3);

    /// <summary>The manufacturer, by SAE's list, 0–2047.</summary>
    public int ManufacturerCode => Bits(21, 11);

    /// <summary>Given by the manufacturer, 0–2097151.</summary>
    public int IdentityNumber => Bits(0, 21);

    /// <summary>Reads eight bytes, least significant first; false if there are fewer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out J1939Name name)
    {
        name = payload.Length >= Bytes ? new J1939Name(BinaryPrimitives.ReadUInt64LittleEndian(payload)) : default;
        return payload.Length >= Bytes;
    }

    /// <summary>A NAME of its fields.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A field is outside its range.</exception>
    public static J1939Name From(
        int identityNumber, int manufacturerCode, int function, int ecuInstance = 0, int functionInstance = 0, int vehicleSystem = 0, int vehicleSystemInstance = 0,
        int industryGroup = 0, bool isArbitraryAddressCapable = false) => new(
            Field(identityNumber, 0, 21, nameof(identityNumber)) | Field(manufacturerCode, 21, 11, nameof(manufacturerCode)) | Field(ecuInstance, 32, 3, nameof(ecuInstance))
            | Field(functionInstance, 35, 5, nameof(functionInstance)) | Field(function, 40, 8, nameof(function)) | Field(vehicleSystem, 49, 7, nameof(vehicleSystem))
            | Field(vehicleSystemInstance, 56, 4, nameof(vehicleSystemInstance)) | Field(industryGroup, 60, 3, nameof(industryGroup)) | (isArbitraryAddressCapable ? 1ul << 63 : 0));

    /// <summary>Writes eight bytes, least significant first.</summary>
    public void Write(Span<byte> payload) => BinaryPrimitives.WriteUInt64LittleEndian(payload, Value);

    /// <summary>The one that has more right to an address comes first.</summary>
    public int CompareTo(J1939Name other) => Value.CompareTo(other.Value);

    /// <summary>True if the first has more right to an address.</summary>
    public static bool operator <(J1939Name left, J1939Name right) => left.Value < right.Value;

    /// <summary>True if the second has more right to an address.</summary>
    public static bool operator >(J1939Name left, J1939Name right) => left.Value > right.Value;

    /// <summary>True if the second has no more right to an address.</summary>
    public static bool operator <=(J1939Name left, J1939Name right) => left.Value <= right.Value;

    /// <summary>True if the first has no more right to an address.</summary>
    public static bool operator >=(J1939Name left, J1939Name right) => left.Value >= right.Value;

    /// <summary>Sixteen hexadecimal digits, the most significant first.</summary>
    public override string ToString() => Value.ToString("X16", CultureInfo.InvariantCulture);

    private int Bits(int shift, int count) => (int)(Value >> shift & ((1ul << count) - 1));

    private static ulong Field(int value, int shift, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (1u << count) - 1, name);
        return (ulong)value << shift;
    }
}
