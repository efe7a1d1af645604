using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Capture;

/// <summary>A command of a vehicle's signalsets. Labels are captured as the numbers that they stand for.</summary>
internal sealed class SignalsetQuery : ObdQuery
{
    private readonly SignalsetDecoder _decoder;
    private readonly SignalsetCommand _command;
    private readonly int? _year;
    private readonly IReadOnlyList<SignalsetSignal> _signals;
    private readonly Dictionary<CanId, (SignalFormat Format, int Slot)[]> _formats = [];

    /// <param name="decoder">Of all sets of the vehicle: which of them an answer is decoded with depends on who answers.</param>
    /// <param name="command">The request.</param>
    /// <param name="ecu">Whom to ask; null for whoever knows it.</param>
    /// <param name="year">The vehicle's model year, or null.</param>
    /// <param name="signals">What is captured of the answer: numbers and labels, each id once.</param>
    /// <param name="every">How often.</param>
    public SignalsetQuery(SignalsetDecoder decoder, SignalsetCommand command, CanId? ecu, int? year, IReadOnlyList<SignalsetSignal> signals, TimeSpan every)
        : base(command.Request, every)
    {
        _decoder = decoder;
        _command = command;
        _year = year;
        _signals = signals;
        Ecu = ecu;
        var request = command.Request.Span;
        if (ecu is null && request.Length == 2 && request[0] == ObdService.CurrentData && CurrentData.LengthOf(request[1]) > 0) Pid = request[1];
    }

    public override string Name => _command.Id;

    public override int MaxValues => _signals.Count;

    public override IReadOnlyList<SignalDescription> SignalsOf(BusName bus) => [.. _signals.Select(signal => new SignalDescription($"{bus}/OBD/{signal.Id}", signal.Format.Unit?.Symbol))];

    public override string? LabelOf(int signal, double value) => _signals[signal].Format.Map?.TryGetValue((long)value, out var label) == true ? label.Value : null;

    public override int Read(CanId ecu, ReadOnlySpan<byte> data, int firstSlot, Span<SignalValue> values)
    {
        if (!_formats.TryGetValue(ecu, out var formats)) _formats.Add(ecu, formats = FormatsFor(ecu));
        int count = 0;
        bool isAnswer = false;
        foreach (var (format, slot) in formats)
        {
            var reading = format.Decode(data);
            isAnswer |= reading.State != SignalState.TooShort;
            if (reading.State is SignalState.Number or SignalState.Label && count < values.Length) values[count++] = new SignalValue(firstSlot + slot, 0, reading.Number);
        }
        return isAnswer ? count : -1;
    }

    private (SignalFormat, int)[] FormatsFor(CanId ecu)
    {
        List<(SignalFormat, int)> formats = [];
        HashSet<string> taken = [];
        foreach (var signal in _decoder.CommandsFor(Request.Span, ecu, _year).SelectMany(command => command.Signals))
        {
            for (int slot = 0; slot < _signals.Count; slot++)
            {
                if (_signals[slot].Id == signal.Id && taken.Add(signal.Id)) formats.Add((signal.Format, slot));
            }
        }
        return [.. formats];
    }
}
