using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>A request that is sent again and again, and what its answer holds.</summary>
internal abstract class ObdQuery(ReadOnlyMemory<byte> request, TimeSpan every)
{
    /// <summary>Service and parameter, 2–8 bytes.</summary>
    public ReadOnlyMemory<byte> Request { get; } = request;

    /// <summary>How often it is wanted.</summary>
    public TimeSpan Every { get; } = every;

    /// <summary>Whom to ask; null for whoever knows the answer, which is found out.</summary>
    public CanId? Ecu { get; init; }

    /// <summary>Of service 01, if it may be asked together with others; else null.</summary>
    public byte? Pid { get; protected init; }

    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>What its values stand for, in the order of their slots; empty if it is asked for the poller's own sake.</summary>
    public abstract IReadOnlyList<SignalDescription> SignalsOf(BusName bus);

    /// <summary>What a value of one of these signals is called; null if it is a number.</summary>
    public virtual string? LabelOf(int signal, double value) => null;

    /// <summary>The most values of one answer.</summary>
    public abstract int MaxValues { get; }

    /// <summary>Reads the values of an answer. Allocates nothing once the ECU is known.</summary>
    /// <param name="ecu">Whose answer it is.</param>
    /// <param name="data">What follows service and parameter.</param>
    /// <param name="firstSlot">Of the first of its signals.</param>
    /// <param name="values">Room for <see cref="MaxValues"/>.</param>
    /// <returns>How many values; −1 if this is no answer to the request.</returns>
    public abstract int Read(CanId ecu, ReadOnlySpan<byte> data, int firstSlot, Span<SignalValue> values);
}

/// <summary>A parameter of SAE J1979 service 01 by the standard's table.</summary>
internal sealed class ParameterQuery : ObdQuery
{
    private readonly ObdPid _pid;
    private readonly bool _isCaptured;

    /// <param name="pid">With at least one number.</param>
    /// <param name="every">How often.</param>
    /// <param name="isCaptured">False if only the poller wants to know.</param>
    public ParameterQuery(ObdPid pid, TimeSpan every, bool isCaptured = true) : base(new[] { ObdService.CurrentData, pid.Pid }, every)
    {
        _pid = pid;
        _isCaptured = isCaptured;
        Pid = pid.Pid;
    }

    public override string Name => $"PID {_pid} ({_pid.Parameters[0].Name})";

    public override int MaxValues => _pid.Parameters.Count;

    public override IReadOnlyList<SignalDescription> SignalsOf(BusName bus) =>
        _isCaptured ? [.. _pid.Parameters.Select(parameter => new SignalDescription($"{bus}/OBD/{parameter.Name}", parameter.Unit))] : [];

    public override int Read(CanId ecu, ReadOnlySpan<byte> data, int firstSlot, Span<SignalValue> values)
    {
        int count = 0;
        for (int i = 0; i < _pid.Parameters.Count; i++)
        {
            if (_pid.Parameters[i].TryDecode(data, out double value)) values[count++] = new SignalValue(firstSlot + i, 0, value);
        }
        return count == 0 ? -1 : _isCaptured ? count : 0;
    }
}
