using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Capture;
using EdgeAgent.Obd;
using EdgeAgent.Obd.Signalsets;
using EdgeAgent.Obd.Uds;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>What a vehicle's signalsets have the ECUs asked for.</summary>
/// <param name="Queries">One a command and ECU.</param>
/// <param name="Ecus">Those that the standard's addressing does not reach.</param>
internal sealed record SignalsetPlan(IReadOnlyList<ObdQuery> Queries, IReadOnlyList<IsoTpAddress> Ecus)
{
    public static readonly SignalsetPlan Empty = new([], []);
}

/// <summary>
/// Turns signalsets and a selection of their signals into queries. Only what reads is polled, in the session that an ECU is in by itself: a command that
/// needs another one, or that is meant for finding out, is left out, and a mistake if one of its signals is selected by name.
/// </summary>
/// <param name="configuration">Addressing, selection and model year.</param>
/// <param name="at">Where it stands.</param>
/// <param name="mistakes">Where mistakes go.</param>
internal sealed class SignalsetCompiler(ObdConfiguration configuration, string at, List<ConfigurationMistake> mistakes)
{
    /// <summary>The most queries of a source: at one a second each, they would take twenty times what is decent.</summary>
    public const int MaxQueries = 1000;

    /// <summary>The most ECUs beside those of the standard's addressing.</summary>
    public const int MaxEcus = 128;

    private const byte ReadDataByLocalIdentifier = 0x21, DefaultTester = 0xF1;

    private const uint NormalFixed = 0x18DA0000;

    private readonly Dictionary<(CanId? Ecu, string Request), Selected> _selected = [];
    private readonly List<IsoTpAddress> _ecus = [];
    private readonly Dictionary<string, string> _unusable = [];

    public SignalsetPlan Compile(IReadOnlyList<Signalset> signalsets)
    {
        HashSet<string> found = [];
        // The standard's gives way.
        foreach (var signalset in signalsets.OrderBy(signalset => signalset.IsStandard))
        {
            foreach (var command in signalset.Commands.Where(command => command.IsFor(configuration.ModelYear))) Select(signalset, command, found);
        }
        for (int i = 0; i < configuration.Signals?.Count; i++)
        {
            string id = configuration.Signals[i].Signal;
            if (id == ObdSignal.EverySignal || found.Contains(id)) continue;
            mistakes.Add(new ConfigurationMistake($"{at}/signals/{i}/signal", _unusable.TryGetValue(id, out string? why) ? $"'{id}' cannot be polled: {why}"
                : $"'{id}': no signalset of this source has such a signal{(configuration.ModelYear is { } year ? $" for model year {year}" : "")}"));
        }
        if (_selected.Count > MaxQueries) mistakes.Add(new ConfigurationMistake($"{at}/signals", $"{_selected.Count} commands would be polled; at most {MaxQueries} are possible: select fewer signals"));
        if (_ecus.Count > MaxEcus) mistakes.Add(new ConfigurationMistake($"{at}/signals", $"{_ecus.Count} ECUs would be asked; at most {MaxEcus} are possible: select fewer signals"));
        var decoder = new SignalsetDecoder(signalsets);
        return new SignalsetPlan(
            [.. _selected.Select(each => new SignalsetQuery(decoder, each.Value.Command, each.Key.Ecu, configuration.ModelYear, each.Value.Signals, each.Value.Every))], _ecus);
    }

    private void Select(Signalset signalset, SignalsetCommand command, HashSet<string> found)
    {
        string? trouble = TroubleOf(signalset, command, out var address);
        var key = (address?.Receive, Convert.ToHexString(command.Request.Span));
        foreach (var signal in command.Signals)
        {
            if (EveryOf(signal, command) is not { } every) continue;
            if (trouble is not null || signal.Format.Unit is { IsText: true })
            {
                _unusable[signal.Id] = trouble ?? "it is a text and no number";
                continue;
            }
            if (!found.Add(signal.Id)) continue;
            if (!_selected.TryGetValue(key, out var selected)) _selected.Add(key, selected = new Selected(command) { Every = every });
            selected.Signals.Add(signal);
            if (every < selected.Every) selected.Every = every;
            if (address is { } ecu && !IsKnown(ecu)) _ecus.Add(ecu);
        }
    }

    /// <summary>How often a signal is wanted; null if not at all.</summary>
    private TimeSpan? EveryOf(SignalsetSignal signal, SignalsetCommand command)
    {
        var usual = command.Interval < ObdPoll.Shortest ? ObdPoll.Shortest : command.Interval > ObdPoll.Longest ? ObdPoll.Longest : command.Interval;
        if (configuration.Signals is not { } signals) return command.IsDebug || signal.IsHidden ? null : usual;
        if (signals.FirstOrDefault(selected => selected.Signal == signal.Id) is { } named) return named.Every ?? usual;
        if (command.IsDebug || signal.IsHidden || signals.FirstOrDefault(selected => selected.Signal == ObdSignal.EverySignal) is not { } all) return null;
        return all.Every ?? usual;
    }

    /// <summary>Why a command cannot be polled, or null.</summary>
    /// <param name="signalset">Whose it is.</param>
    /// <param name="command">Which.</param>
    /// <param name="address">Of the ECU; null for whoever knows it.</param>
    private static string? TroubleOf(Signalset signalset, SignalsetCommand command, out IsoTpAddress? address)
    {
        address = null;
        byte service = command.Request.Span[0];
        if (service is not (ObdService.CurrentData or ObdService.VehicleInformation or ReadDataByLocalIdentifier or UdsService.ReadDataByIdentifier))
            return $"service {service:X2} is none of 01, 09, 21 and 22, which only read";
        if ((command.Session ?? signalset.DiagnosticLevel) is not (null or UdsSession.Default)) return "its ECU would have to be brought into another diagnostic session";
        if (command.RequestId is not { } request) return "it is for a K line";
        if (service == ObdService.CurrentData && signalset.IsStandard || command.Header is "7DF" or "DB33") return null;
        if ((command.AnswerId ?? UsualAnswerTo(request)) is not { } answer) return "it does not say who answers";
        address = command.ExtendedAddress is { } ecu ? IsoTpAddress.Extended(request, answer, ecu, command.TesterAddress ?? DefaultTester) : new IsoTpAddress(request, answer);
        return null;
    }

    /// <summary>8 more with 11 bits, and with 29 the two addresses exchanged (ISO 15765-4:2016 §10.5).</summary>
    private static CanId? UsualAnswerTo(CanId request) =>
        !request.IsExtended ? request.Value + 8 <= CanId.MaxStandard ? CanId.Standard(request.Value + 8) : null
        : (request.Value & 0x1FFF0000) == NormalFixed ? CanId.Extended(NormalFixed | (request.Value & 0xFF) << 8 | request.Value >> 8 & 0xFF) : null;

    private bool IsKnown(IsoTpAddress ecu) => _ecus.Exists(known => known.Receive == ecu.Receive) || configuration.Addressing.Ecus.Any(known => known == ecu);

    private sealed class Selected(SignalsetCommand command)
    {
        public SignalsetCommand Command { get; } = command;

        public List<SignalsetSignal> Signals { get; } = [];

        public TimeSpan Every { get; set; }
    }
}
