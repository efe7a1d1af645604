using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace EdgeAgent.Obd;

/// <summary>The types of service 09 (SAE J1979-DA Annex G).</summary>
public static class InformationType
{
    /// <summary>02: vehicle identification number, 17 characters.</summary>
    public const byte Vin = 0x02;

    /// <summary>04: calibration ids, 16 characters each.</summary>
    public const byte CalibrationIds = 0x04;

    /// <summary>06: calibration verification numbers, 4 bytes each.</summary>
    public const byte CalibrationVerificationNumbers = 0x06;

    /// <summary>08: in-use performance tracking of engines with spark ignition.</summary>
    public const byte PerformanceTrackingSpark = 0x08;

    /// <summary>0A: ECU's name, 20 characters.</summary>
    public const byte EcuName = 0x0A;

    /// <summary>0B: in-use performance tracking of engines with compression ignition.</summary>
    public const byte PerformanceTrackingCompression = 0x0B;

    /// <summary>0D: engine serial number, 17 characters.</summary>
    public const byte EngineSerialNumber = 0x0D;

    /// <summary>0F: number of the exhaust regulation's type approval, 17 characters.</summary>
    public const byte TypeApprovalNumber = 0x0F;

    /// <summary>What it is called; null if the standard does not say.</summary>
    public static string? NameOf(byte type) => type switch
    {
        Vin => "vehicle identification number",
        CalibrationIds => "calibration ids",
        CalibrationVerificationNumbers => "calibration verification numbers",
        PerformanceTrackingSpark or PerformanceTrackingCompression => "in-use performance tracking",
        EcuName => "ECU name",
        EngineSerialNumber => "engine serial number",
        TypeApprovalNumber => "exhaust type approval number",
        _ => null,
    };
}

/// <summary>A counter of in-use performance tracking: how often a monitor ran to its end (COMP), or met the conditions for it (COND).</summary>
/// <param name="Name">The standard's abbreviation.</param>
/// <param name="Count">0–65535.</param>
public sealed record PerformanceCounter(string Name, int Count);

/// <summary>What an answer to service 09 on CAN holds: <c>49, type, number of items, items</c>.</summary>
/// <param name="Type">See <see cref="InformationType"/>.</param>
/// <param name="Texts">Of texts and verification numbers, each item.</param>
/// <param name="Counters">Of performance tracking, each counter.</param>
public sealed record VehicleInformation(byte Type, IReadOnlyList<string> Texts, IReadOnlyList<PerformanceCounter> Counters)
{
    private static readonly string[] Spark =
    [
        "OBDCOND", "IGNCNTR", "CATCOMP1", "CATCOND1", "CATCOMP2", "CATCOND2", "O2SCOMP1", "O2SCOND1", "O2SCOMP2", "O2SCOND2", "EGRCOMP", "EGRCOND", "AIRCOMP", "AIRCOND", "EVAPCOMP", "EVAPCOND",
        "SO2SCOMP1", "SO2SCOND1", "SO2SCOMP2", "SO2SCOND2", "AFRICOMP1", "AFRICOND1", "AFRICOMP2", "AFRICOND2", "PFCOMP1", "PFCOND1", "PFCOMP2", "PFCOND2",
    ];

    private static readonly string[] Compression =
    [
        "OBDCOND", "IGNCNTR", "HCCATCOMP", "HCCATCOND", "NCATCOMP", "NCATCOND", "NADSCOMP", "NADSCOND", "PMCOMP", "PMCOND", "EGSCOMP", "EGSCOND", "EGRCOMP", "EGRCOND", "BPCOMP", "BPCOND",
        "FUELCOMP", "FUELCOND",
    ];

    /// <summary>Reads an answer. Null for anything else, and for types that only tell which there are.</summary>
    /// <param name="message">The answer.</param>
    public static VehicleInformation? Read(ReadOnlySpan<byte> message) =>
        message.Length > 3 && message[0] == ObdService.VehicleInformation + 0x40 ? Read(message[1], message[2], message[3..]) : null;

    /// <summary>Reads the items of a type, as they also stand in the data identifiers F8xx of SAE J1979-2, there without a number.</summary>
    public static VehicleInformation? Read(byte type, int count, ReadOnlySpan<byte> items) => type switch
    {
        InformationType.Vin or InformationType.EngineSerialNumber or InformationType.TypeApprovalNumber => OfTexts(type, items, 17),
        InformationType.CalibrationIds => OfTexts(type, items, 16),
        InformationType.EcuName => OfTexts(type, items, 20),
        InformationType.CalibrationVerificationNumbers => OfNumbers(type, items),
        InformationType.PerformanceTrackingSpark => OfCounters(type, count, items, Spark),
        InformationType.PerformanceTrackingCompression => OfCounters(type, count, items, Compression),
        _ => null,
    };

    private static VehicleInformation OfTexts(byte type, ReadOnlySpan<byte> items, int length)
    {
        List<string> texts = [];
        for (; items.Length >= length; items = items[length..])
        {
            var text = new StringBuilder(length);
            foreach (byte character in items[..length].Trim((byte)0)) text.Append(character is >= 0x20 and < 0x7F ? (char)character : character == 0 ? ' ' : '?');
            texts.Add(text.ToString().Trim());
        }
        return new VehicleInformation(type, texts, []);
    }

    private static VehicleInformation OfNumbers(byte type, ReadOnlySpan<byte> items)
    {
        List<string> numbers = [];
        for (; items.Length >= 4; items = items[4..]) numbers.Add(BinaryPrimitives.ReadUInt32BigEndian(items).ToString("X8", CultureInfo.InvariantCulture));
        return new VehicleInformation(type, numbers, []);
    }

    private static VehicleInformation OfCounters(byte type, int count, ReadOnlySpan<byte> items, string[] names)
    {
        List<PerformanceCounter> counters = [];
        for (int i = 0; i < Math.Min(count, names.Length) && items.Length >= 2; i++, items = items[2..]) counters.Add(new PerformanceCounter(names[i], BinaryPrimitives.ReadUInt16BigEndian(items)));
        return new VehicleInformation(type, [], counters);
    }
}
