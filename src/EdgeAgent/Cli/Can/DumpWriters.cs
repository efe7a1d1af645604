using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.Errors;

namespace EdgeAgent.Cli.Can;

/// <summary>How frames are shown.</summary>
internal interface IDumpWriter : IDisposable
{
    void Write(long timestampNs, string bus, in CanFrame frame);
}

/// <summary>As <c>candump -L</c> writes them.</summary>
internal sealed class LogDumpWriter(LineBuffer lines) : IDumpWriter
{
    public void Write(long timestampNs, string bus, in CanFrame frame)
    {
        lines.Advance(CandumpFormat.Write(lines.Room(CandumpFormat.MaxLineLength), timestampNs, bus, frame));
        lines.EndLine();
    }

    public void Dispose()
    {
    }
}

/// <summary>
/// For people, as candump shows them and cantools shows what they mean:
/// <c> (1543509533.000838)  can0  123   [3]  11 22 33 :: Engine(Speed: 812.5 rpm, State: Running)</c>.
/// </summary>
internal sealed class TextDumpWriter(LineBuffer lines, DecodePlan? plan) : IDumpWriter
{
    private readonly SignalValue[] _values = new SignalValue[Math.Max(1, plan?.MaxSignalsPerFrame ?? 0)];

    public void Write(long timestampNs, string bus, in CanFrame frame)
    {
        lines.Put(" ("u8);
        lines.Put(timestampNs / 1_000_000_000);
        lines.Put("."u8);
        lines.Put(timestampNs % 1_000_000_000 / 1_000, "D6");
        lines.Put(")  "u8);
        lines.Put(bus);
        lines.Put("  "u8);
        if (frame.IsError) lines.Put(frame.ErrorClass | 0x2000_0000, "X8");
        else lines.Put(frame.Id.Value, frame.Id.IsExtended ? "X8" : "X3");
        lines.Put(frame.Length < 10 ? "   ["u8 : "  ["u8);
        lines.Put(frame.Length);
        lines.Put("]  "u8);
        if (frame.IsRemote) lines.Put("remote request"u8);
        else lines.Hex(frame.Payload, (byte)' ');
        if (frame.IsError)
        {
            lines.Put(" :: "u8);
            lines.Advance(CanErrorText.Write(lines.Room(CanErrorText.MaxLength), CanErrorFrame.Read(frame)));
        }
        else
        {
            if (frame.IsFd) lines.Put(frame.BitRateSwitch ? frame.ErrorState ? "  FD BRS ESI"u8 : "  FD BRS"u8 : frame.ErrorState ? "  FD ESI"u8 : "  FD"u8);
            if (plan is not null) PutMeaning(frame);
        }
        lines.EndLine();
    }

    public void Dispose()
    {
    }

    private void PutMeaning(in CanFrame frame)
    {
        var status = plan!.Decode(frame, _values, out int count);
        if (status is DecodeStatus.UnknownId or DecodeStatus.NoData || !plan.TryGetMessage(frame.Id, out var message)) return;
        lines.Put(" :: "u8);
        lines.Put(message.Name);
        lines.Put("("u8);
        for (int i = 0; i < count; i++)
        {
            var signal = plan.Signals[_values[i].Slot].Signal;
            if (i > 0) lines.Put(", "u8);
            lines.Put(signal.Name);
            lines.Put(": "u8);
            if (signal.TryGetLabel(_values[i], out string? label)) lines.Put(label);
            else if (signal.TryGetExactInteger(_values[i], out var exact)) lines.Put(exact);
            else lines.Put(_values[i].Value);
            if (signal.Unit is not { } unit) continue;
            lines.Put(" "u8);
            lines.Put(unit);
        }
        lines.Put(status == DecodeStatus.Truncated ? ") truncated"u8 : ")"u8);
    }
}
