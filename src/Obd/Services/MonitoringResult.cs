using System.Buffers.Binary;

namespace EdgeAgent.Obd;

/// <summary>The result of one test of a monitor (service 06 on CAN).</summary>
/// <param name="Monitor">The monitor id (MID).</param>
/// <param name="Test">The test id (TID): 01–1F by the standard, 80–FE by the manufacturer.</param>
/// <param name="Scaling">Unit and scaling of the values.</param>
/// <param name="RawValue">The value as it came.</param>
/// <param name="RawMinimum">The least that passes, as it came.</param>
/// <param name="RawMaximum">The most that passes, as it came.</param>
public sealed record MonitoringResult(byte Monitor, byte Test, UnitAndScaling Scaling, ushort RawValue, ushort RawMinimum, ushort RawMaximum)
{
    private const int Bytes = 9;

    private static readonly string[] OxygenSensorTests =
    [
        "threshold from rich to lean", "threshold from lean to rich", "low voltage for switch time", "high voltage for switch time", "switch time from rich to lean", "switch time from lean to rich",
        "minimum voltage of the cycle", "maximum voltage of the cycle", "time between transitions", "sensor period", "misfires in the last ten driving cycles", "misfires in this driving cycle or the last",
    ];

    /// <summary>In the scaling's unit.</summary>
    public double Value => Scaling.ToValue(RawValue);

    /// <summary>In the scaling's unit.</summary>
    public double Minimum => Scaling.ToValue(RawMinimum);

    /// <summary>In the scaling's unit.</summary>
    public double Maximum => Scaling.ToValue(RawMaximum);

    /// <summary>Whether the value is within its limits, both included.</summary>
    public bool IsPassed => Value >= Minimum && Value <= Maximum;

    /// <summary>What the test measures; null if the manufacturer defines it.</summary>
    public string? TestName => Test >= 1 && Test <= OxygenSensorTests.Length ? OxygenSensorTests[Test - 1] : null;

    /// <summary>What the monitor tests; null if the standard does not say.</summary>
    public string? MonitorName => NameOf(Monitor);

    /// <summary>
    /// Reads an answer: <c>46</c> and for each test monitor, test, scaling, value, minimum and maximum (1, 1, 1, 2, 2 and 2 bytes). Empty for an
    /// answer to one of the monitors 00, 20, 40 …, which tells of the ones that follow.
    /// </summary>
    public static IReadOnlyList<MonitoringResult> Read(ReadOnlySpan<byte> message)
    {
        List<MonitoringResult> results = [];
        if (message.Length < 2 || message[0] != ObdService.MonitoringResults + 0x40 || message[1] % 0x20 == 0) return results;
        for (var rest = message[1..]; rest.Length >= Bytes; rest = rest[Bytes..])
        {
            results.Add(new MonitoringResult(rest[0], rest[1], UnitAndScaling.Of(rest[2]),
                BinaryPrimitives.ReadUInt16BigEndian(rest[3..]), BinaryPrimitives.ReadUInt16BigEndian(rest[5..]), BinaryPrimitives.ReadUInt16BigEndian(rest[7..])));
        }
        return results;
    }

    private static string? NameOf(byte monitor) => monitor switch
    {
        >= 0x01 and <= 0x10 => $"oxygen sensor, bank {(monitor - 1) / 4 + 1}, sensor {(monitor - 1) % 4 + 1}",
        >= 0x21 and <= 0x24 => $"catalyst, bank {monitor - 0x20}",
        >= 0x31 and <= 0x34 => $"EGR, bank {monitor - 0x30}",
        >= 0x35 and <= 0x38 => $"VVT, bank {monitor - 0x34}",
        0x39 => "evaporative system, cap off (0.150 in)",
        0x3A => "evaporative system (0.090 in)",
        0x3B => "evaporative system (0.040 in)",
        0x3C => "evaporative system (0.020 in)",
        0x3D => "purge flow",
        >= 0x41 and <= 0x50 => $"oxygen sensor heater, bank {(monitor - 0x41) / 4 + 1}, sensor {(monitor - 0x41) % 4 + 1}",
        >= 0x61 and <= 0x64 => $"heated catalyst, bank {monitor - 0x60}",
        >= 0x71 and <= 0x74 => $"secondary air, {monitor - 0x70}",
        >= 0x81 and <= 0x84 => $"fuel system, bank {monitor - 0x80}",
        >= 0x85 and <= 0x86 => $"boost pressure control, bank {monitor - 0x84}",
        >= 0x90 and <= 0x91 => $"NOx adsorber, bank {monitor - 0x8F}",
        >= 0x98 and <= 0x99 => $"NOx catalyst, bank {monitor - 0x97}",
        0xA1 => "misfire",
        >= 0xA2 and <= 0xAD => $"misfire, cylinder {monitor - 0xA1}",
        >= 0xB0 and <= 0xB1 => $"particulate filter, bank {monitor - 0xAF}",
        _ => null,
    };
}

/// <summary>
/// A result of service 05, which vehicles without CAN have for their oxygen sensors: <c>45, test, sensor, value</c> and, for measured values,
/// minimum and maximum, a byte each.
/// </summary>
/// <param name="Test">The test id: 01–04 constants, 05–0A measured.</param>
/// <param name="Sensor">A bit for each sensor, as in parameter 13 or 1D.</param>
/// <param name="Value">In <see cref="Unit"/>.</param>
/// <param name="Minimum">The least that passes, or null.</param>
/// <param name="Maximum">The most that passes, or null.</param>
public sealed record OxygenSensorResult(byte Test, byte Sensor, double Value, double? Minimum, double? Maximum)
{
    private const double VoltPerBit = 0.005, SwitchSecondPerBit = 0.004, PeriodSecondPerBit = 0.04;

    /// <summary>V or s; null for a test of the manufacturer's, whose values are raw.</summary>
    public string? Unit => Test switch { 0x01 or 0x02 or 0x03 or 0x04 or 0x07 or 0x08 => "V", 0x05 or 0x06 or 0x09 or 0x0A => "s", _ => null };

    /// <summary>Reads an answer. Null for anything else, and for test 00 and its like, which tell of the tests that follow.</summary>
    public static OxygenSensorResult? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < 4 || message[0] != ObdService.OxygenSensorResults + 0x40 || message[1] % 0x20 == 0) return null;
        double scale = message[1] switch { 0x05 or 0x06 => SwitchSecondPerBit, 0x09 or 0x0A => PeriodSecondPerBit, <= 0x08 => VoltPerBit, _ => 1 };
        bool hasLimits = message.Length >= 6;
        return new OxygenSensorResult(message[1], message[2], message[3] * scale, hasLimits ? message[4] * scale : null, hasLimits ? message[5] * scale : null);
    }
}
