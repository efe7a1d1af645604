using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Demo.Vehicle;

/// <summary>Makes drive.log: runs the model and sends each message as often as its DBC file says, one after another as on a real bus.</summary>
internal static class DriveGenerator
{
    private const int Seed = 20260504;

    private const string Bus = "can0";

    /// <summary>A frame of eight bytes at 500 kbit/s with its stuff bits: no two can be closer.</summary>
    private const long FrameNs = 236_000;

    private const long StepNs = 1_000_000;

    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    /// <returns>The number of frames written.</returns>
    public static int Write(DbcDatabase vehicle, Stream log)
    {
        var random = new Random(Seed);
        var model = new VehicleModel(random);
        List<Sender> senders = [.. vehicle.Messages.Select((message, index) => new Sender(
            message.Id, message.CycleTime!.Value, StepNs * (2 + 3 * index), Encoder(message, model.Value)))];
        // What is on every bus: messages that nobody has described.
        senders.Add(Unknown(CanId.Standard(0x6A5), TimeSpan.FromSeconds(4), [0x02, 0x10, 0x03]));
        senders.Add(Unknown(CanId.Extended(0x1CFFAA55), TimeSpan.FromSeconds(9), [0xFF, 0x00, 0xA5, 0x5A, 0x12, 0x34, 0x56, 0x78]));
        senders.Sort((one, other) => one.Id.CompareTo(other.Id));

        long startNs = (Start - DateTimeOffset.UnixEpoch).Ticks * 100, busIsFreeAt = 0;
        int frames = 0;
        Span<byte> line = stackalloc byte[CandumpFormat.MaxLineLength + 1];
        for (long now = 0; now < DriveScript.LengthSeconds * 1e9; now += StepNs)
        {
            model.Step(now / 1e9, StepNs / 1e9);
            // The lowest identifier wins the arbitration, so senders are asked in that order.
            foreach (var sender in senders)
            {
                if (!sender.IsDue(now)) continue;
                long at = Math.Max(now + random.Next(0, 180) * 1000, busIsFreeAt);
                busIsFreeAt = at + FrameNs;
                int length = CandumpFormat.Write(line, startNs + at, Bus, sender.Encode());
                line[length++] = (byte)'\n';
                log.Write(line[..length]);
                frames++;
            }
        }
        return frames;
    }

    private static Func<CanFrame> Encoder(DbcMessage message, Func<string, double> value)
    {
        var plan = EncodePlan.Compile(message);
        string[] names = [.. message.Signals.Select(signal => $"{message.Name}/{signal.Name}")];
        var values = new SignalInput[names.Length];
        return () =>
        {
            for (int slot = 0; slot < names.Length; slot++) values[slot] = SignalInput.Physical(slot, value(names[slot]));
            Span<byte> payload = stackalloc byte[message.Length];
            plan.Encode(values, payload);
            return CanFrame.Data(message.Id, payload);
        };
    }

    private static Sender Unknown(CanId id, TimeSpan cycle, byte[] payload) => new(id, cycle, StepNs * 700, () => CanFrame.Data(id, payload));

    private sealed class Sender(CanId id, TimeSpan cycle, long firstNs, Func<CanFrame> encode)
    {
        private long _nextNs = firstNs;

        public CanId Id { get; } = id;

        public CanFrame Encode() => encode();

        public bool IsDue(long nowNs)
        {
            if (nowNs < _nextNs) return false;
            _nextNs += cycle.Ticks * 100;
            return true;
        }
    }
}
