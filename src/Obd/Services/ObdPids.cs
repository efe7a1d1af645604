namespace EdgeAgent.Obd;

/// <summary>
/// The parameter ids of SAE J1979 services 01 and 02, by SAE J1979-DA (ISO 15031-5 Annex B). The ids 00, 20, 40 … say which of the following
/// the ECU has (<see cref="ObdClient.SupportedPidsAsync"/>) and are not among them. Where data begins with a byte that says which of
/// its values the vehicle has, the others are not given.
/// </summary>
public static partial class ObdPids
{
    private const string Percent = "%", Celsius = "°C", KiloPascal = "kPa", Volt = "V", Degree = "°", Second = "s", Minute = "min", Hour = "h", Kilometre = "km",
        GramsPerSecond = "g/s", PartsPerMillion = "ppm";

    private static readonly Scaling
        Percent8 = new(Percent, 8, 100.0 / 255), Trim = new(Percent, 8, 100.0 / 128, -100), Torque = new(Percent, 8, 1, -125),
        Temperature8 = new(Celsius, 8, 1, -40), Temperature16 = new(Celsius, 16, 0.1, -40),
        Pressure8 = new(KiloPascal, 8), RailPressure = new(KiloPascal, 16, 10), BoostPressure = new(KiloPascal, 16, 1.0 / 32),
        ExhaustPressure = new(KiloPascal, 16, 0.01), DifferencePressure = new(KiloPascal, 16, 0.01, 0, IsSigned: true),
        Concentration = new(PartsPerMillion, 16), Seconds32 = new(Second, 32), Hours16 = new(Hour, 16), Kilometres16 = new(Kilometre, 16),
        Ratio16 = new(null, 16, 2.0 / 65536), Raw8 = new(null, 8);

    /// <summary>All of them, by number.</summary>
    public static IEnumerable<ObdPid> All => Known.Table.OfType<ObdPid>();

    /// <summary>The parameter id, or null if it is not defined.</summary>
    public static ObdPid? Find(byte pid) => Known.Table[pid];

    private static ObdPid?[] Build()
    {
        var table = new ObdPid?[256];
        AddBasic(table);
        AddSensors(table);
        AddEngine(table);
        AddAir(table);
        AddExhaust(table);
        AddEmissions(table);
        return table;
    }

    /// <summary>Values one behind the other from A on.</summary>
    private static void Add(ObdPid?[] table, byte pid, string title, int length, params ReadOnlySpan<(string Name, Scaling Scaling)> values)
    {
        var parameters = new List<ObdParameter>();
        int bit = 0;
        foreach (var (name, scaling) in values)
        {
            parameters.Add(scaling.At(name, bit));
            bit += scaling.BitCount;
        }
        table[pid] = new ObdPid(pid, parameters) { Title = title, Length = length };
    }

    /// <summary>Values one behind the other from B on, each with the bit of A (0 the lowest) that says whether the vehicle has it.</summary>
    private static void AddSupported(ObdPid?[] table, byte pid, string title, int length, params ReadOnlySpan<(int Support, string Name, Scaling Scaling)> values)
    {
        var parameters = new List<ObdParameter>();
        int bit = 8;
        foreach (var (support, name, scaling) in values)
        {
            parameters.Add(scaling.At(name, bit) with { SupportBit = 7 - support });
            bit += scaling.BitCount;
        }
        table[pid] = new ObdPid(pid, parameters) { Title = title, Length = length };
    }

    /// <summary>Bits of a byte (0 the lowest of it), some with the bit of A that says whether the vehicle has it.</summary>
    private static ObdFlag[] Flags(int inByte, params ReadOnlySpan<(int Bit, string Name, int? Support)> flags)
    {
        var all = new ObdFlag[flags.Length];
        for (int i = 0; i < all.Length; i++)
        {
            var (bit, name, support) = flags[i];
            all[i] = new ObdFlag(name, inByte * 8 + 7 - bit) { SupportBit = 7 - support };
        }
        return all;
    }

    /// <summary>A code in bits of a byte (0 the lowest of it).</summary>
    private static ObdParameter Code(string name, int inByte, int lowestBit, int bitCount, IReadOnlyDictionary<int, string>? labels = null, int? support = null) =>
        new(name, null, inByte * 8 + 8 - lowestBit - bitCount, bitCount, false, 1, 0) { Labels = labels, SupportBit = 7 - support };

    /// <summary>Made when it is first asked for, and so after everything that it is made of.</summary>
    private static class Known
    {
        public static readonly ObdPid?[] Table = Build();
    }

    /// <summary>Unit and scaling of a value, wherever it is.</summary>
    private sealed record Scaling(string? Unit, int BitCount, double Scale = 1, double Offset = 0, bool IsSigned = false)
    {
        public ObdParameter At(string name, int bit) => new(name, Unit, bit, BitCount, IsSigned, Scale, Offset);
    }
}
