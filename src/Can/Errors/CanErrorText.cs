using System.Globalization;

namespace EdgeAgent.Can.Errors;

/// <summary>
/// Error frames in words, such as <c>controller: transmit error-passive; protocol: stuff in the data (sending); error counters 136 sent, 0 received</c>.
/// ASCII; allocates nothing.
/// </summary>
public static class CanErrorText
{
    /// <summary>The longest text.</summary>
    public const int MaxLength = 640;

    /// <summary>The names of the classes, by their bit: what is counted and reported under.</summary>
    public static readonly IReadOnlyList<string> ClassNames =
        ["send-timeout", "arbitration-lost", "controller", "protocol", "transceiver", "no-acknowledge", "bus-off", "bus-error", "restarted"];

    private static readonly string[] ClassTexts =
    [
        "send timeout", "arbitration lost", "controller", "protocol", "transceiver", "no acknowledgement", "bus-off", "bus error", "restarted after bus-off",
    ];

    private static readonly string[] ControllerTexts =
    [
        "receive buffer overflow", "transmit buffer overflow", "receive error-warning", "transmit error-warning", "receive error-passive", "transmit error-passive", "error-active again",
    ];

    private static readonly string[] ViolationTexts = ["bit", "form", "stuff", "dominant bit", "recessive bit", "overload", "active error"];

    /// <summary>The name of a state as this program writes it: <c>error-active</c>, <c>error-warning</c>, <c>error-passive</c>, <c>bus-off</c>, <c>stopped</c>, <c>sleeping</c>.</summary>
    public static string NameOf(CanControllerState state) => state switch
    {
        CanControllerState.ErrorActive => "error-active",
        CanControllerState.ErrorWarning => "error-warning",
        CanControllerState.ErrorPassive => "error-passive",
        CanControllerState.BusOff => "bus-off",
        CanControllerState.Stopped => "stopped",
        _ => "sleeping",
    };

    /// <summary>Writes the words.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="error">What to say.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(Span<byte> destination, in CanErrorFrame error)
    {
        var text = new Writer(destination);
        for (int bit = 0; bit < ClassTexts.Length; bit++)
        {
            var one = (CanErrorClasses)(1 << bit);
            if (!error.Has(one)) continue;
            text.Begin("; ");
            text.Put(ClassTexts[bit]);
            switch (one)
            {
                case CanErrorClasses.ArbitrationLost when error.ArbitrationLostAt is { } lost:
                    text.Put(" at bit ");
                    text.Put(lost);
                    break;
                case CanErrorClasses.Controller:
                    Put(ref text, (byte)error.Controller, ControllerTexts);
                    break;
                case CanErrorClasses.Protocol:
                    PutViolations(ref text, error);
                    break;
                case CanErrorClasses.Transceiver when NameOf(error.Transceiver) is { } fault:
                    text.Put(": ");
                    text.Put(fault);
                    break;
            }
        }
        if (error.SendErrorCounter is { } sent && error.ReceiveErrorCounter is { } received)
        {
            text.Begin("; ");
            text.Put("error counters ");
            text.Put(sent);
            text.Put(" sending, ");
            text.Put(received);
            text.Put(" receiving");
        }
        uint unknown = (uint)error.Classes & ~(uint)(CanErrorClasses.Counters | (CanErrorClasses)((1 << ClassTexts.Length) - 1));
        if (unknown != 0 || text.Length == 0)
        {
            text.Begin("; ");
            text.Put("unknown class ");
            text.Hex(unknown);
        }
        return text.Length;
    }

    private static void PutViolations(ref Writer text, in CanErrorFrame error)
    {
        var violations = error.Violations;
        Put(ref text, (byte)(violations & ~CanProtocolViolations.Sending), ViolationTexts);
        if (NameOf(error.Location) is { } place)
        {
            text.Put(" in ");
            text.Put(place);
        }
        if ((violations & CanProtocolViolations.Sending) != 0) text.Put(" (sending)");
    }

    private static void Put(ref Writer text, byte bits, string[] names)
    {
        string before = ": ";
        for (int bit = 0; bit < names.Length; bit++)
        {
            if ((bits & 1 << bit) == 0) continue;
            text.Put(before);
            text.Put(names[bit]);
            before = ", ";
        }
    }

    private static string? NameOf(CanErrorLocation location) => location switch
    {
        CanErrorLocation.Id28To21 => "identifier bits 28-21",
        CanErrorLocation.StartOfFrame => "the start of frame",
        CanErrorLocation.SubstituteRemoteRequest => "the substitute remote request bit",
        CanErrorLocation.IdentifierExtension => "the identifier extension bit",
        CanErrorLocation.Id20To18 => "identifier bits 20-18",
        CanErrorLocation.Id17To13 => "identifier bits 17-13",
        CanErrorLocation.CrcSequence => "the CRC sequence",
        CanErrorLocation.Reserved0 => "reserved bit 0",
        CanErrorLocation.Data => "the data",
        CanErrorLocation.DataLengthCode => "the data length code",
        CanErrorLocation.RemoteRequest => "the remote request bit",
        CanErrorLocation.Reserved1 => "reserved bit 1",
        CanErrorLocation.Id4To0 => "identifier bits 4-0",
        CanErrorLocation.Id12To5 => "identifier bits 12-5",
        CanErrorLocation.Intermission => "the intermission",
        CanErrorLocation.CrcDelimiter => "the CRC delimiter",
        CanErrorLocation.AcknowledgeSlot => "the acknowledge slot",
        CanErrorLocation.EndOfFrame => "the end of frame",
        CanErrorLocation.AcknowledgeDelimiter => "the acknowledge delimiter",
        _ => null,
    };

    private static string? NameOf(CanTransceiverFault fault) => fault switch
    {
        CanTransceiverFault.HighNoWire => "CAN_H has no contact",
        CanTransceiverFault.HighShortToBattery => "CAN_H is short-circuited to the battery",
        CanTransceiverFault.HighShortToSupply => "CAN_H is short-circuited to the supply",
        CanTransceiverFault.HighShortToGround => "CAN_H is short-circuited to ground",
        CanTransceiverFault.LowNoWire => "CAN_L has no contact",
        CanTransceiverFault.LowShortToBattery => "CAN_L is short-circuited to the battery",
        CanTransceiverFault.LowShortToSupply => "CAN_L is short-circuited to the supply",
        CanTransceiverFault.LowShortToGround => "CAN_L is short-circuited to ground",
        CanTransceiverFault.LowShortToHigh => "CAN_L is short-circuited to CAN_H",
        _ => null,
    };

    private ref struct Writer(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        /// <summary>Separates from what is there already.</summary>
        public void Begin(string separator)
        {
            if (Length > 0) Put(separator);
        }

        public void Put(string text) => Length += System.Text.Encoding.ASCII.GetBytes(text, _destination[Length..]);

        public void Put(int number)
        {
            _ = number.TryFormat(_destination[Length..], out int written, default, CultureInfo.InvariantCulture);
            Length += written;
        }

        public void Hex(uint number)
        {
            _ = number.TryFormat(_destination[Length..], out int written, "X", CultureInfo.InvariantCulture);
            Length += written;
        }
    }
}
