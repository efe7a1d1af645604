using System.Diagnostics.CodeAnalysis;
using EdgeAgent.Can;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>How a captured answer is to be read, as far as the command's id does not say it.</summary>
/// <param name="Year">The vehicle's model year; null if it is not known: then all commands count.</param>
/// <param name="Header">What the frames begin with; null: what follows from the command, or fits.</param>
/// <param name="HasExtendedAddress">Whether an address follows the identifier; null: what follows from the command.</param>
public readonly record struct AnswerOptions(int? Year = null, CapturedHeader? Header = null, bool? HasExtendedAddress = null);

/// <summary>What a captured answer says.</summary>
/// <param name="Signals">Each id once.</param>
/// <param name="IsIntact">False if frames of the answer are missing, so that some of the values are wrong.</param>
public sealed record DecodedAnswer(IReadOnlyList<DecodedSignal> Signals, bool IsIntact);

/// <summary>
/// Decodes answers with the signalsets of a vehicle, together with the standard's (<see cref="Signalset.IsStandard"/>), which gives way. An
/// answer is one to a command by service, parameter and the identifier of its frames; a command that names no receiver, and any of service
/// 01, is answered by anybody for whom there is no command of its own. Of several answers the later counts. Immutable.
/// </summary>
public sealed class SignalsetDecoder
{
    private readonly Dictionary<string, List<Candidate>> _byRequest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SyntheticSignal>> _synthetics = new(StringComparer.Ordinal);

    /// <summary>Of several sets that know the same command the last counts, in whatever order the standard's is given.</summary>
    public SignalsetDecoder(IEnumerable<Signalset> signalsets)
    {
        foreach (var signalset in signalsets.OrderBy(signalset => !signalset.IsStandard))
        {
            foreach (var command in signalset.Commands)
            {
                string key = Convert.ToHexString(command.Request.Span);
                if (!_byRequest.TryGetValue(key, out var commands)) _byRequest.Add(key, commands = []);
                commands.Add(new Candidate(command, signalset.IsStandard));
            }
            foreach (var synthetic in signalset.Synthetics)
            {
                if (!_synthetics.TryGetValue(synthetic.Numerator, out var computed)) _synthetics.Add(synthetic.Numerator, computed = []);
                computed.Add(synthetic);
            }
        }
    }

    /// <summary>Reads a captured answer.</summary>
    /// <param name="command">What was asked.</param>
    /// <param name="text">The frames, see <see cref="CapturedAnswer"/>.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="answer">What they say.</param>
    /// <param name="problem">In words, why they say nothing.</param>
    public bool TryDecode(CommandReference command, string text, AnswerOptions options, [NotNullWhen(true)] out DecodedAnswer? answer, [NotNullWhen(false)] out string? problem)
    {
        answer = null;
        if (text.Length > SignalsetLimits.AnswerLength)
        {
            problem = $"the answer has {text.Length} characters; at most {SignalsetLimits.AnswerLength} are possible";
            return false;
        }
        var known = Known(command, options.Year);
        if (known.Count == 0)
        {
            problem = options.Year is null || Known(command, year: null).Count == 0
                ? $"no signalset knows {command.Text}" : $"no signalset knows {command.Text} for model year {options.Year}";
            return false;
        }
        var found = Messages(command, known, text, options);
        if (found.Count == 0)
        {
            problem = NegativeAnswer(command, text, options) ?? $"there is no whole answer to {command.Text} in it";
            return false;
        }
        var signals = new Dictionary<string, DecodedSignal>(StringComparer.Ordinal);
        foreach (var message in found)
        {
            foreach (var chosen in Choose(known, message.From, command)) Decode(chosen, message.Data.Span, signals);
        }
        Compute(signals);
        answer = new DecodedAnswer([.. signals.Values], found.All(message => message.IsIntact));
        problem = null;
        return true;
    }

    /// <summary>The commands that an answer of an ECU to a request is decoded with; none if no set knows it. For those who ask themselves.</summary>
    /// <param name="request">Service and parameter.</param>
    /// <param name="from">The identifier of the answer's frames; null if it is not known.</param>
    /// <param name="year">The vehicle's model year, or null.</param>
    public IReadOnlyList<SignalsetCommand> CommandsFor(ReadOnlySpan<byte> request, CanId? from, int? year) =>
        _byRequest.TryGetValue(Convert.ToHexString(request), out var commands) ? Choose([.. commands.Where(candidate => candidate.Command.IsFor(year))], from, null) : [];

    private List<Candidate> Known(CommandReference command, int? year) =>
        _byRequest.TryGetValue(Convert.ToHexString(command.Request.Span), out var commands) ? [.. commands.Where(candidate => candidate.Command.IsFor(year))] : [];

    /// <summary>The answers among the messages, read as the command or the options say, or else in the first way that finds one.</summary>
    private static List<CapturedMessage> Messages(CommandReference command, List<Candidate> known, string text, AnswerOptions options)
    {
        var like = known[^1].Command;
        foreach (var header in HeadersToTry(command, like, options))
        {
            var messages = CapturedAnswer.Read(text, header, ExtendedAddress(command, like, options) && header is CapturedHeader.Can11Bit or CapturedHeader.Can29Bit);
            List<CapturedMessage> answers = [.. messages.Where(message => like.IsAnswer(message.Data.Span) && IsFrom(command, like, message.From))];
            if (answers.Count > 0) return answers;
        }
        return [];
    }

    private static bool ExtendedAddress(CommandReference command, SignalsetCommand like, AnswerOptions options) =>
        options.HasExtendedAddress ?? (command.HasExtendedAddress || command.Header is null && like.ExtendedAddress is not null);

    private static IEnumerable<CapturedHeader> HeadersToTry(CommandReference command, SignalsetCommand like, AnswerOptions options)
    {
        if (command.Header == "686A" || like.Protocol == SignalsetProtocol.KLine) yield return CapturedHeader.KLine;
        if (options.Header is { } given)
        {
            yield return given;
        }
        else if (command.Header is { } header)
        {
            yield return header.Length == 3 ? CapturedHeader.Can11Bit : CapturedHeader.Can29Bit;
        }
        else
        {
            yield return CapturedHeader.Can29Bit;
            yield return CapturedHeader.Can11Bit;
        }
        if (options.Header != CapturedHeader.None) yield return CapturedHeader.None;
    }

    /// <summary>An id with a receiver means answers of that one alone.</summary>
    private static bool IsFrom(CommandReference command, SignalsetCommand like, CanId? from) =>
        command.Receive is not { } receive || from is null || Receiver(command, like, receive).IsAnsweredBy(from);

    private static SignalsetCommand Receiver(CommandReference command, SignalsetCommand like, string receive) => like with
    {
        Header = command.Header!,
        Receive = receive,
        Protocol = command.Header!.Length == 3 ? SignalsetProtocol.Can11Bit : SignalsetProtocol.Can29Bit,
        Priority = Option(command, "c="),
        TesterAddress = Option(command, "ta="),
    };

    private static byte? Option(CommandReference command, string name)
    {
        string? option = command.Options.FirstOrDefault(option => option.StartsWith(name, StringComparison.Ordinal));
        return option is not null && byte.TryParse(option[name.Length..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte value) ? value : null;
    }

    /// <summary>
    /// The last of those that name this ECU, or the one whose id was given. Else those that name none: of service 01 the last, since the
    /// standard's is among them, of others all, of which the first counts where they overlap.
    /// </summary>
    private static List<SignalsetCommand> Choose(List<Candidate> known, CanId? from, CommandReference? command)
    {
        var given = command is null ? null : known.LastOrDefault(candidate => candidate.Command.Id == command.Text)?.Command;
        List<SignalsetCommand> own = [], anybodys = [], standard = [];
        foreach (var (candidate, isStandard) in known)
        {
            bool isLegislated = candidate.Request.Span[0] == ObdService.CurrentData;
            if (isStandard) standard.Add(candidate);
            else if (candidate.Receive is null || from is null) anybodys.Add(candidate);
            else if (candidate.IsAnsweredBy(from)) own.Add(candidate);
            else if (isLegislated && candidate.Header is "7E0" or "7DF" or "DB33") standard.Add(candidate);
        }
        if (own.Count > 0) return [given is not null && own.Contains(given) ? given : own[^1]];
        if (anybodys.Count == 0) anybodys = standard;
        if (anybodys.Count == 0) return [];
        if (anybodys[0].Request.Span[0] != ObdService.CurrentData && from is not null) return [.. Enumerable.Reverse(anybodys)];
        return [given is not null && anybodys.Contains(given) ? given : anybodys[^1]];
    }

    private static void Decode(SignalsetCommand command, ReadOnlySpan<byte> message, Dictionary<string, DecodedSignal> signals)
    {
        var data = message[command.Request.Length..];
        foreach (var signal in command.Signals)
        {
            var reading = signal.Format.Decode(data);
            if (reading.State != SignalState.TooShort) signals[signal.Id] = new DecodedSignal(signal.Id, signal, reading, signal.Format.Text(data));
        }
    }

    private void Compute(Dictionary<string, DecodedSignal> signals)
    {
        if (_synthetics.Count == 0) return;
        foreach (var numerator in signals.Values.ToArray())
        {
            if (!_synthetics.TryGetValue(numerator.Id, out var synthetics) || numerator.Reading.State != SignalState.Number) continue;
            foreach (var synthetic in synthetics)
            {
                if (signals.TryGetValue(synthetic.Denominator, out var denominator) && denominator.Reading.State == SignalState.Number
                    && synthetic.TryCompute(numerator.Reading.Number, denominator.Reading.Number, out double value))
                    signals[synthetic.Id] = new DecodedSignal(synthetic.Id, null, new SignalReading(SignalState.Number, value), null);
            }
        }
    }

    /// <summary>If the ECU refused, with which code.</summary>
    private static string? NegativeAnswer(CommandReference command, string text, AnswerOptions options)
    {
        CapturedHeader[] headers = options.Header is { } given ? [given, CapturedHeader.None]
            : command.Header is { } header ? [header.Length == 3 ? CapturedHeader.Can11Bit : CapturedHeader.Can29Bit, CapturedHeader.None]
            : [CapturedHeader.Can29Bit, CapturedHeader.Can11Bit, CapturedHeader.None];
        foreach (var tried in headers)
        {
            bool isExtended = (options.HasExtendedAddress ?? command.HasExtendedAddress) && tried is CapturedHeader.Can11Bit or CapturedHeader.Can29Bit;
            foreach (var message in CapturedAnswer.Read(text, tried, isExtended))
            {
                if (NegativeResponse.TryRead(message.Data.Span, out byte service, out var code) && service == command.Request.Span[0])
                    return $"{message.From?.ToString() ?? "the ECU"} refuses {command.Text}: {code}";
            }
        }
        return null;
    }

    private sealed record Candidate(SignalsetCommand Command, bool IsStandard);
}
