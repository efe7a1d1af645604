using System.Buffers.Binary;

namespace EdgeAgent.Simulation;

/// <summary>
/// The data of SAE J1979 services 01 and 02 by parameter, encoded by the formulas of the standard (J1979-DA) and not by the table with which
/// the agent decodes them, so that the two check each other.
/// </summary>
internal static class LiveData
{
    private static readonly Dictionary<byte, Func<VehicleState, EcuMemory, byte[]>> Engine = new()
    {
        [0x01] = (_, memory) => MonitorStatus(memory),
        [0x03] = (state, _) => [(byte)(!state.IsRunning ? 0x00 : state.CoolantTemperature < 50 ? 0x01 : 0x02), 0],
        [0x04] = (state, _) => Percent(state.EngineLoad),
        [0x05] = (state, _) => Temperature(state.CoolantTemperature),
        [0x06] = (state, _) => [(byte)(state.IsRunning ? 130 : 128)],
        [0x07] = (_, _) => [125],
        [0x0B] = (state, _) => Byte(state.ManifoldPressure),
        [0x0C] = (state, _) => Word(state.EngineSpeed * 4),
        [0x0D] = (state, _) => Byte(state.Speed),
        [0x0E] = (state, _) => Byte((state.IsRunning ? 12 : 0) * 2 + 128),
        [0x0F] = (state, _) => Temperature(state.IntakeTemperature),
        [0x10] = (state, _) => Word(state.AirFlow * 100),
        [0x11] = (state, _) => Percent(state.Throttle),
        [0x13] = (_, _) => [0x03],
        [0x15] = (state, _) => [(byte)(state.IsRunning ? 0.62 * 200 : 90), 0xFF],
        [0x1C] = (_, _) => [0x06], // EOBD
        [0x1F] = (state, _) => Word(state.RunTime),
        [0x21] = (state, memory) => Word(memory.IndicatorIsOn ? 12 : 0),
        [0x2F] = (state, _) => Percent(state.FuelLevel),
        [0x30] = (_, memory) => [(byte)(memory.OdometerWhenCleared > 0 ? 0 : 37)],
        [0x31] = (state, memory) => Word(Math.Min(state.Odometer - memory.OdometerWhenCleared, 65535)),
        [0x33] = (_, _) => [101],
        [0x42] = (state, _) => Word(state.Voltage * 1000),
        [0x43] = (state, _) => Word(state.EngineLoad * 0.8 * 255 / 100),
        [0x44] = (_, _) => Word(32768),
        [0x45] = (state, _) => Percent(Math.Max(0, state.Throttle - 12)),
        [0x46] = (state, _) => Temperature(state.AmbientTemperature),
        [0x49] = (state, _) => Percent(state.Throttle * 0.9),
        [0x51] = (_, _) => [0x01], // petrol
        [0x5C] = (state, _) => Temperature(state.OilTemperature),
        [0x5E] = (state, _) => Word(state.FuelRate * 20),
        [0xA6] = (state, _) => Double(state.Odometer * 10),
    };

    private static readonly byte[] OfTransmission = [0x01, 0x0D, 0x1C, 0x1F, 0x42], OfBody = [0x01, 0x1C, 0x42, 0x46];

    /// <summary>The parameters that an ECU has, in order; those that tell of others are not among them.</summary>
    public static IReadOnlyList<byte> SupportedBy(EcuKind kind) => kind switch
    {
        EcuKind.Engine => [.. Engine.Keys.Order()],
        EcuKind.Transmission => OfTransmission,
        _ => OfBody,
    };

    /// <summary>Null if the ECU does not have it.</summary>
    public static byte[]? Of(byte pid, EcuKind kind, VehicleState state, EcuMemory memory)
    {
        var supported = SupportedBy(kind);
        if (pid % 0x20 == 0) return SupportBits(pid, supported);
        return supported.Contains(pid) ? Engine[pid](state, memory) : null;
    }

    /// <summary>
    /// What 00, 20, 40 … say of the 32 that follow, the first in the highest bit; the last says whether there is more. Null for a range that
    /// nothing leads to.
    /// </summary>
    public static byte[]? SupportBits(byte range, IReadOnlyList<byte> supported)
    {
        if (range > 0 && !supported.Any(id => id > range)) return null;
        uint bits = 0;
        foreach (byte id in supported)
        {
            if (id > range && id <= range + 0x20) bits |= 1u << (range + 0x20 - id);
        }
        if (supported.Any(id => id > range + 0x20)) bits |= 1;
        return Double(bits);
    }

    /// <summary>A: indicator and count. B: continuous monitors of a spark engine. C, D: the others that exist, and those that have not run yet.</summary>
    private static byte[] MonitorStatus(EcuMemory memory) =>
        [(byte)((memory.IndicatorIsOn ? 0x80 : 0) | Math.Min(memory.Stored.Count, 127)), 0x07, 0xE5, (byte)(memory.IsReady ? 0 : 0xE5)];

    private static byte[] Percent(double value) => Byte(value * 255 / 100);

    private static byte[] Temperature(double value) => Byte(value + 40);

    private static byte[] Byte(double value) => [(byte)Math.Clamp(Math.Round(value), 0, 255)];

    private static byte[] Word(double value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)Math.Clamp(Math.Round(value), 0, ushort.MaxValue));
        return bytes;
    }

    private static byte[] Double(double value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Math.Clamp(Math.Round(value), 0, uint.MaxValue));
        return bytes;
    }
}
