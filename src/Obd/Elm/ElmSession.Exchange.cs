using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>A request, the times that it needs, and what its lines say.</summary>
internal sealed partial class ElmSession
{
    /// <summary>So many milliseconds STN waits for an answer that an ECU has asked time for (P2*CAN and some more). An ELM327 can wait for 1.02 s.</summary>
    private const int PendingMs = 5100;

    /// <summary>One hexadecimal digit says how many frames to wait for.</summary>
    private const int MaxCount = 15;

    private const int MaxRemembered = 256;

    private Action _prepare = () => { };
    private CanId? _ecu;
    private ReadOnlyMemory<byte> _request;
    private ObdExchange? _exchange;
    private ElmAnswers? _answers;
    private string? _header;
    private bool _isLong, _isTimedLong, _cannotCount;

    /// <summary>Of the frames that one ECU's answer to a request had, so that the adapter need not wait for more.</summary>
    private readonly Dictionary<(CanId Ecu, string Request), int> _frames = [];
    private int _count;

    private void PrepareRequest(CanId? ecu, ReadOnlyMemory<byte> request)
    {
        _ecu = ecu;
        _request = request;
        if (Protocol == ElmProtocol.Automatic)
        {
            // Only now, since the search speaks on every bus.
            _commands.Enqueue(new ElmCommand("0100", ElmPurpose.Search, _options.SearchTimeout));
            return;
        }
        bool isLonger = request.Length > ElmOptions.LongestSingleRequest;
        if (isLonger && !(_isStn && Protocol.IsCan()))
        {
            Fail(ElmTrouble.TooLong);
            return;
        }
        // What must not be asked twice is given all the time at once.
        if (!IsRepeatable(request.Span[0])) _isLong = true;
        if (_isLong != _isTimedLong)
        {
            _commands.Enqueue(Optional(_isLong ? "ATAT0" : "ATAT1"));
            _commands.Enqueue(Optional(!_isLong ? "ATST32" : _isStn ? $"STPTO{PendingMs}" : "ATSTFF"));
            _isTimedLong = _isLong;
        }
        foreach (var command in Address(ecu)) _commands.Enqueue(command);
        string digits = Convert.ToHexString(request.Span);
        _count = ecu is { } one && !_isLong && !isLonger && !_cannotCount ? _frames.GetValueOrDefault((one, digits)) : 0;
        string text = isLonger ? $"STPX H:{_header}, D:{digits}" : _count > 0 ? $"{digits}{_count:X}" : digits;
        bool isSlow = Protocol is ElmProtocol.Iso9141 or ElmProtocol.KwpSlow or ElmProtocol.KwpFast;
        _commands.Enqueue(new ElmCommand(text, ElmPurpose.Request, isSlow ? _options.SearchTimeout : _options.RequestTimeout));
    }

    private static bool IsRepeatable(byte service) => ObdService.IsReadOnly(service) || service is 0x19 or 0x22 or 0x3E;

    /// <summary>The header of the requests, if it is another one than before. Outside of CAN it is the adapter's, which asks all.</summary>
    private IEnumerable<ElmCommand> Address(CanId? ecu)
    {
        if (!Protocol.IsCan()) yield break;
        var addressing = Protocol.IsExtended() ? ObdAddressing.Extended : ObdAddressing.Standard;
        string header = (ecu is { } one ? addressing.RequestIdOf(one) : addressing.Functional).ToString();
        if (header == _header) yield break;
        _header = header;
        // Of 29 bits the first five are set apart.
        if (Protocol.IsExtended()) yield return new ElmCommand($"ATCP{header[..2]}", ElmPurpose.Address, _options.CommandTimeout);
        yield return new ElmCommand($"ATSH{(Protocol.IsExtended() ? header[2..] : header)}", ElmPurpose.Address, _options.CommandTimeout);
    }

    private void BeginExchange(TimeSpan now)
    {
        _exchange = new ObdExchange(_ecu, _request, _timing);
        _exchange.Sent(now);
        _answers = new ElmAnswers(_exchange, Protocol);
    }

    private void Conclude(TimeSpan now)
    {
        _answers!.End(now);
        bool isUnread = Said(ElmLineKind.Text) && !Said(ElmLineKind.Data) && !Said(ElmLineKind.NoData);
        if (Said(ElmLineKind.Restarted) || isUnread) Retry(Said(ElmLineKind.Restarted) ? ElmTrouble.KeepsRestarting : ElmTrouble.Silent, isReady: false, now);
        else if (Said(ElmLineKind.Stopped)) Retry(ElmTrouble.Interrupted, isReady: true, now);
        else if (Said(ElmLineKind.NotUnderstood)) Misunderstood(now);
        else if (TroubleSaid() is { } trouble)
        {
            if (Said(ElmLineKind.InternalError)) _isReady = false;
            Fail(trouble);
        }
        else if (_count > 0 && !Answers.Any(answer => answer.State == ObdAnswerState.Complete))
        {
            // It may have had more frames than the last time.
            Forget();
            _prepare();
        }
        else if (_exchange!.IsAwaited && !_isLong)
        {
            // Somebody asked for time, and the adapter did not wait for it: the same again, with as much time as it has.
            _isLong = true;
            _prepare();
        }
        else
        {
            _exchange.IsOver(TimeSpan.MaxValue);
            Remember();
            _isOver = true;
        }
    }

    /// <summary>How many frames the answer of one ECU had, if the adapter can count so far.</summary>
    private void Remember()
    {
        if (_ecu is not { } ecu || _isLong || !Protocol.IsCan() || Answers is not [{ State: ObdAnswerState.Complete } answer]) return;
        int frames = answer.Message.Length <= ElmOptions.LongestSingleRequest ? 1 : 1 + (answer.Message.Length - 6 + 6) / 7;
        if (frames > MaxCount) return;
        if (_frames.Count == MaxRemembered) _frames.Clear();
        _frames[(ecu, Convert.ToHexString(_request.Span))] = frames;
    }

    private void Forget()
    {
        if (_ecu is { } ecu) _frames.Remove((ecu, Convert.ToHexString(_request.Span)));
        _count = 0;
    }

    private void Misunderstood(TimeSpan now)
    {
        if (_count == 0)
        {
            Fail(ElmTrouble.NotUnderstood);
            return;
        }
        _cannotCount = true;
        Retry(ElmTrouble.NotUnderstood, isReady: true, now);
    }
}
