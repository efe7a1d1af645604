using System.Globalization;
using System.Text;
using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>
/// One request after the other to an adapter, as a state machine on given times: commands out, bytes in. It sets the adapter up before the first
/// request, and again whenever the adapter has begun anew or does not make sense any more; then the request is sent again. Not thread-safe.
/// </summary>
internal sealed partial class ElmSession
{
    /// <summary>So often a request is begun at most.</summary>
    public const int MaxAttempts = 3;

    /// <summary>So long nothing comes after a prompt that may not have been the last.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>Whatever comes, nothing that was started lasts longer, so that nobody who waits for it seems to hang.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    private readonly ElmOptions _options;
    private readonly ObdTiming _timing;
    private readonly ElmLineReader _reader = new();
    private readonly byte[] _data = new byte[ElmLineParser.MaxData];
    private readonly Queue<ElmCommand> _commands = new();

    private ElmCommand? _current;
    private TimeSpan _deadline, _notBefore;
    private TimeSpan? _latest;
    private int _said, _attempts;
    private bool _isReady, _isStn, _isOver = true;
    private string? _text;

    public ElmSession(ElmOptions options, ObdTiming timing)
    {
        _options = options;
        _timing = timing;
        Protocol = ElmProtocol.Automatic;
    }

    /// <summary>True while nothing is to be done.</summary>
    public bool IsOver => _isOver;

    /// <summary>Why it failed; null if it did not.</summary>
    public ElmTrouble? Trouble { get; private set; }

    /// <summary>Of the last request.</summary>
    public IReadOnlyList<ObdAnswer> Answers => _exchange?.Answers ?? [];

    /// <summary>In volts; null if the adapter cannot measure it.</summary>
    public double? Voltage { get; private set; }

    /// <summary>The protocol that is spoken; automatic until one is found.</summary>
    public ElmProtocol Protocol { get; private set; }

    /// <summary>True for an STN chip, which takes the ST commands.</summary>
    public bool IsStn => _isStn;

    /// <summary>When to call <see cref="TryNext"/> again, if nothing is received before.</summary>
    public TimeSpan Due => _current is not null ? _deadline : _notBefore;

    /// <summary>Begins a request of at least one byte.</summary>
    public void Start(CanId? ecu, ReadOnlyMemory<byte> request) => Begin(() => PrepareRequest(ecu, request));

    /// <summary>Begins a reading of the voltage.</summary>
    public void StartVoltage() => Begin(() => _commands.Enqueue(new ElmCommand("ATRV", ElmPurpose.Voltage, _options.CommandTimeout)));

    /// <summary>What to send now, if anything.</summary>
    public bool TryNext(TimeSpan now, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (!_isOver && now >= (_latest ??= now + Longest)) EndLate();
        if (_current is not null && now >= _deadline) GiveUp(now);
        if (_isOver || _current is not null || now < _notBefore) return false;
        _current = _commands.Dequeue();
        _said = 0;
        _text = null;
        _reader.Clear();
        _deadline = Earlier(now + _current.Timeout);
        if (_current.Purpose == ElmPurpose.Request) BeginExchange(now);
        bytes = _current.ToBytes();
        return true;
    }

    /// <summary>Takes what the adapter has sent.</summary>
    public void Accept(ReadOnlySpan<byte> received, TimeSpan now)
    {
        if (_current is null) _notBefore = now + Quiet;
        else _deadline = Earlier(now + _current.Timeout);
        while (_reader.TryRead(ref received, out var token, out var line))
        {
            if (token == ElmToken.Line) AcceptLine(line, now);
            else if (_current is { } done)
            {
                _current = null;
                Finish(done, now);
            }
        }
    }

    private void Begin(Action prepare)
    {
        // A command that nobody waited for: whatever comes next may be the answer to that.
        if (_current is not null) _isReady = false;
        _current = null;
        _commands.Clear();
        _attempts = 1;
        _isOver = false;
        Trouble = null;
        Voltage = null;
        _exchange = null;
        _isLong = false;
        _latest = null;
        _prepare = prepare;
        Prepare();
    }

    private void Prepare()
    {
        if (_isReady) _prepare();
        else PrepareAdapter();
    }

    private void AcceptLine(ReadOnlySpan<byte> line, TimeSpan now)
    {
        if (_current?.IsEcho(line) == true) return;
        var parsed = ElmLineParser.Parse(line, Protocol, _data);
        _said |= 1 << (int)parsed.Kind;
        if (_current is null)
        {
            // Its supply was too low for a moment, while nobody asked.
            if (parsed.Kind == ElmLineKind.Restarted) _isReady = false;
            return;
        }
        if (parsed.Kind == ElmLineKind.Data && _current.Purpose == ElmPurpose.Request) _answers?.Accept(parsed, _data.AsSpan(0, parsed.Length), now);
        if (_current.Purpose is ElmPurpose.Found or ElmPurpose.Voltage) _text = Encoding.ASCII.GetString(line).Trim();
    }

    private bool Said(ElmLineKind kind) => (_said & 1 << (int)kind) != 0;

    private void Finish(ElmCommand done, TimeSpan now)
    {
        switch (done.Purpose)
        {
            case ElmPurpose.Attention or ElmPurpose.Reset:
                _notBefore = now + Quiet;
                break;
            case ElmPurpose.Headers when Said(ElmLineKind.NotUnderstood): Fail(ElmTrouble.NoHeaders); return;
            case ElmPurpose.Protocol when Said(ElmLineKind.NotUnderstood): Fail(ElmTrouble.NoProtocol); return;
            case ElmPurpose.Address when Said(ElmLineKind.NotUnderstood): Fail(ElmTrouble.NotUnderstood); return;
            case ElmPurpose.Headers or ElmPurpose.Protocol or ElmPurpose.Address when !Said(ElmLineKind.Ok):
                Retry(ElmTrouble.Silent, isReady: false, now);
                return;
            case ElmPurpose.Identity:
                _isStn = Said(ElmLineKind.Restarted);
                if (_isStn) _commands.Enqueue(Optional("STCSEGT1"));
                break;
            case ElmPurpose.Search:
                if (TroubleSaid() is { } trouble) Fail(trouble);
                else if (Said(ElmLineKind.NoData)) Fail(ElmTrouble.Of(ElmLineKind.UnableToConnect)!);
                else _commands.Enqueue(new ElmCommand("ATDPN", ElmPurpose.Found, _options.CommandTimeout));
                return;
            case ElmPurpose.Found:
                if (!ElmProtocols.TryParse(Encoding.ASCII.GetBytes(_text ?? ""), out var found))
                {
                    Fail(ElmTrouble.Of(ElmLineKind.UnableToConnect)!);
                    return;
                }
                Protocol = found;
                break;
            case ElmPurpose.Voltage:
                if (double.TryParse(_text?.TrimEnd('V'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double volts)) Voltage = volts;
                if (Said(ElmLineKind.Restarted)) Retry(ElmTrouble.KeepsRestarting, isReady: false, now);
                else _isOver = true;
                return;
            case ElmPurpose.Request:
                Conclude(now);
                return;
        }
        if (_commands.Count == 0) Proceed();
    }

    /// <summary>The adapter is set up, or has found the protocol.</summary>
    private void Proceed()
    {
        _isReady = true;
        _prepare();
    }

    private void PrepareAdapter()
    {
        _header = null;
        _isTimedLong = false;
        Protocol = _options.Protocol;
        // AT I harms nobody, whatever the beginning of a line it is put behind; an empty line would repeat the last command.
        _commands.Enqueue(new ElmCommand("ATI", ElmPurpose.Attention, _options.CommandTimeout));
        _commands.Enqueue(new ElmCommand("ATZ", ElmPurpose.Reset, _options.ResetTimeout));
        foreach (string setting in (string[])["ATE0", "ATL0", "ATS0", "ATAL", "ATAT1"]) _commands.Enqueue(Optional(setting));
        _commands.Enqueue(new ElmCommand("ATH1", ElmPurpose.Headers, _options.CommandTimeout));
        _commands.Enqueue(new ElmCommand($"ATSP{_options.Protocol.Number()}", ElmPurpose.Protocol, _options.CommandTimeout));
        _commands.Enqueue(new ElmCommand("STI", ElmPurpose.Identity, _options.CommandTimeout));
    }

    private ElmCommand Optional(string text) => new(text, ElmPurpose.Optional, _options.CommandTimeout);

    private ElmTrouble? TroubleSaid()
    {
        for (var kind = ElmLineKind.UnableToConnect; kind <= ElmLineKind.InternalError; kind++)
        {
            if (Said(kind)) return ElmTrouble.Of(kind);
        }
        return null;
    }

    private TimeSpan Earlier(TimeSpan deadline) => _latest is { } latest && latest < deadline ? latest : deadline;

    private void EndLate()
    {
        _current = null;
        _isReady = false;
        Fail(ElmTrouble.Late);
    }

    private void GiveUp(TimeSpan now)
    {
        _current = null;
        Retry(ElmTrouble.Silent, isReady: false, now);
    }

    private void Retry(ElmTrouble otherwise, bool isReady, TimeSpan now)
    {
        _isReady = isReady;
        if (++_attempts > MaxAttempts)
        {
            Fail(otherwise);
            return;
        }
        _commands.Clear();
        _notBefore = now + Quiet;
        Prepare();
    }

    private void Fail(ElmTrouble trouble)
    {
        // Only the end of an exchange says something of the ECUs, and this one has none.
        _exchange = null;
        _commands.Clear();
        Trouble = trouble;
        _isOver = true;
    }
}
