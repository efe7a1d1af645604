using System.Globalization;
using System.Text;

namespace EdgeAgent.Obd.Tests.Elm;

/// <summary>What an ECU says to a request.</summary>
/// <param name="Ecu">The identifier of its answers on CAN, or its address elsewhere.</param>
/// <param name="AfterMs">So long after the request, or after what it said before.</param>
/// <param name="Message">In hexadecimal.</param>
internal sealed record EcuSays(uint Ecu, int AfterMs, string Message);

/// <summary>Something that the emulator sends.</summary>
internal readonly record struct Emission(TimeSpan After, byte[] Bytes);

/// <summary>What is wrong with the line between us and the adapter, by seed.</summary>
internal sealed record LineFaults(int Seed, double DropCharacter = 0, double InsertCharacter = 0, double Zero = 0);

/// <summary>
/// An adapter, written by the public data sheets of ELM327 and STN1110 and by nothing of ours. Bytes in, bytes with their delays out. It knows
/// what the agent uses: resets, echo, line feeds, spaces, headers, protocols, timing, addresses, counted frames, identity, voltage, STPX.
/// </summary>
internal sealed class ElmEmulator(Func<string, string, IEnumerable<EcuSays>> vehicle, LineFaults? faults = null)
{
    private readonly StringBuilder _input = new();
    private readonly Random _random = new(faults?.Seed ?? 0);
    private bool _echo = true, _lineFeeds = true, _spaces = true, _headers, _adaptive = true, _isFound;
    private int _timeoutMs = 205;
    private int _protocol;
    private string _header = "7DF", _priority = "18", _last = "";

    /// <summary>Null for an ELM327.</summary>
    public string? Stn { get; init; }

    /// <summary>What the vehicle speaks: 1–9.</summary>
    public int VehicleProtocol { get; init; } = 6;

    /// <summary>What AT RV answers.</summary>
    public string Voltage { get; set; } = "14.2V";

    /// <summary>Commands that it does not know, as clones do.</summary>
    public HashSet<string> Unknown { get; init; } = [];

    /// <summary>Says this in place of the answer to a request, once each.</summary>
    public Queue<string> Instead { get; } = new();

    /// <summary>Every command that it got, without spaces.</summary>
    public List<string> Commands { get; } = [];

    /// <summary>What was sent on the bus: header and bytes.</summary>
    public List<string> Sent { get; } = [];

    public IEnumerable<Emission> Accept(ReadOnlySpan<byte> bytes)
    {
        List<Emission> emissions = [];
        foreach (byte value in bytes)
        {
            if (_echo && value is not (byte)'\n') emissions.Add(new Emission(default, [value]));
            if (value != '\r')
            {
                _input.Append((char)value);
                continue;
            }
            string command = _input.ToString();
            _input.Clear();
            if (_echo && _lineFeeds) emissions.Add(new Emission(default, "\n"u8.ToArray()));
            foreach (var (after, text) in Execute(command)) emissions.Add(new Emission(TimeSpan.FromMilliseconds(after), Spoil(text)));
        }
        return emissions;
    }

    private string End => _lineFeeds ? "\r\n" : "\r";

    private List<(int AfterMs, string Text)> Execute(string line)
    {
        string command = line.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (command.Length == 0) command = _last; // an empty line repeats the last command
        _last = command;
        Commands.Add(command);
        if (Unknown.Any(unknown => command.StartsWith(unknown, StringComparison.Ordinal))) return [(0, $"?{End}{End}>")];
        if (command.StartsWith("AT", StringComparison.Ordinal)) return Attention(command[2..]);
        if (command.StartsWith("STPX", StringComparison.Ordinal) && Stn is not null) return Transmit(command[4..]);
        if (command.StartsWith("ST", StringComparison.Ordinal) && Stn is not null) return [(0, $"{StCommand(command[2..])}{End}{End}>")];
        return command.Length > 1 && command.All(char.IsAsciiHexDigit) ? Request(command) : [(0, $"?{End}{End}>")];
    }

    private List<(int AfterMs, string Text)> Attention(string command)
    {
        string end = End;
        switch (command)
        {
            case "Z":
                (_echo, _lineFeeds, _spaces, _headers, _adaptive, _isFound, _timeoutMs, _header) = (true, true, true, false, true, false, 205, "7DF");
                return [(900, $"{end}{end}ELM327 v1.5{End}{End}>")];
            case "I": return [(0, $"ELM327 v1.5{end}{end}>")];
            case "RV": return [(0, $"{Voltage}{end}{end}>")];
            case "DPN": return [(0, $"{(_protocol == 0 ? "A" : "")}{(_protocol == 0 ? _isFound ? VehicleProtocol : 0 : _protocol)}{end}{end}>")];
        }
        string answer = Set(command) ? "OK" : "?";
        return [(0, $"{answer}{End}{End}>")];
    }

    private bool Set(string command)
    {
        switch (command)
        {
            case "E0" or "E1": _echo = command[1] == '1'; return true;
            case "L0" or "L1": _lineFeeds = command[1] == '1'; return true;
            case "S0" or "S1": _spaces = command[1] == '1'; return true;
            case "H0" or "H1": _headers = command[1] == '1'; return true;
            case "AL" or "CAF1": return true;
            case "AT0" or "AT1" or "AT2": _adaptive = command[2] != '0'; return true;
        }
        if (command.StartsWith("SH", StringComparison.Ordinal) && command.Length is 5 or 8) { _header = command[2..]; return true; }
        if (command.StartsWith("CP", StringComparison.Ordinal) && command.Length == 4) { _priority = command[2..]; return true; }
        if (command.StartsWith("ST", StringComparison.Ordinal) && command.Length == 4) { _timeoutMs = (int)(4.096 * int.Parse(command[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)); return true; }
        if (!command.StartsWith("SP", StringComparison.Ordinal) || !int.TryParse(command[2..], out _protocol)) return false;
        _isFound = false;
        return true;
    }

    private string StCommand(string command)
    {
        if (command == "I") return Stn!;
        if (!command.StartsWith("PTO", StringComparison.Ordinal)) return command.StartsWith("CSEGT", StringComparison.Ordinal) ? "OK" : "?";
        _timeoutMs = int.Parse(command[3..], CultureInfo.InvariantCulture);
        return "OK";
    }

    /// <summary>STPX H:header, D:data.</summary>
    private List<(int AfterMs, string Text)> Transmit(string parameters)
    {
        var parts = parameters.Split(',').Select(part => part.Split(':')).ToDictionary(part => part[0], part => part[1]);
        _header = parts["H"];
        return Request(parts["D"], isLong: true);
    }

    private List<(int AfterMs, string Text)> Request(string command, bool isLong = false)
    {
        if (Instead.TryDequeue(out string? said)) return [(5, said.Replace("\n", End, StringComparison.Ordinal) + End + End + ">")];
        int count = command.Length % 2 == 1 ? int.Parse(command[^1..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : int.MaxValue;
        string request = command[..(command.Length / 2 * 2)];
        if (!isLong && request.Length > 14) return [(0, $"?{End}{End}>")];
        string before = _protocol == 0 && !_isFound ? $"SEARCHING...{End}" : "";
        if (_protocol != 0 && _protocol != VehicleProtocol) return [(_timeoutMs, (VehicleProtocol >= 6 ? "CAN ERROR" : "BUS INIT: ERROR") + $"{End}{End}>")];
        _isFound = true;
        string header = VehicleProtocol is 7 or 9 ? _priority + _header : VehicleProtocol >= 6 ? _header : "";
        Sent.Add($"{header} {request}".Trim());
        return Show(before, vehicle(header, request), count);
    }

    private List<(int AfterMs, string Text)> Show(string before, IEnumerable<EcuSays> answers, int count)
    {
        List<(int AfterMs, string Text)> shown = before.Length > 0 ? [(0, before)] : [];
        // An adapter that has learnt how quick the ECUs are waits less for them.
        int patience = _adaptive ? Math.Min(_timeoutMs, 205) : _timeoutMs, frames = 0;
        foreach (var answer in answers)
        {
            if (answer.AfterMs > patience || frames >= count) break;
            int after = answer.AfterMs;
            foreach (string line in Lines(answer))
            {
                if (frames++ >= count) break;
                shown.Add((after, line + End));
                after = 1;
            }
        }
        if (frames == 0) shown.Add((0, $"NO DATA{End}"));
        shown.Add((frames >= count ? 0 : patience, $"{End}>"));
        return shown;
    }

    private List<string> Lines(EcuSays answer)
    {
        byte[] message = Convert.FromHexString(answer.Message);
        if (VehicleProtocol < 6) return [Text("", WithChecksum((byte)answer.Ecu, message))];
        string id = answer.Ecu.ToString(VehicleProtocol is 7 or 9 ? "X8" : "X3", CultureInfo.InvariantCulture);
        if (_spaces && id.Length == 8) id = string.Join(' ', id.Chunk(2).Select(pair => new string(pair)));
        if (message.Length <= 7) return [Text(id, [(byte)message.Length, .. message, .. Enumerable.Repeat((byte)0xAA, 7 - message.Length)])];
        List<string> lines = [Text(id, [(byte)(0x10 | message.Length >> 8), (byte)message.Length, .. message[..6]])];
        for (int at = 6, number = 1; at < message.Length; at += 7, number++)
        {
            byte[] part = message[at..Math.Min(at + 7, message.Length)];
            lines.Add(Text(id, [(byte)(0x20 | number & 15), .. part, .. Enumerable.Repeat((byte)0xAA, 7 - part.Length)]));
        }
        return lines;
    }

    private string Text(string id, byte[] bytes)
    {
        string digits = string.Join(_spaces ? " " : "", bytes.Select(value => value.ToString("X2", CultureInfo.InvariantCulture)));
        if (_headers) return id + (_spaces && id.Length > 0 ? " " : "") + digits + (_spaces ? " " : "");
        return VehicleProtocol >= 6 ? digits[(_spaces ? 3 : 2)..] : digits[(_spaces ? 9 : 6)..^(_spaces ? 3 : 2)];
    }

    private byte[] WithChecksum(byte source, byte[] message)
    {
        byte[] bytes = VehicleProtocol >= 4 ? [(byte)(0x80 | message.Length), 0xF1, source, .. message] : [0x48, 0x6B, source, .. message];
        if (VehicleProtocol > 2) return [.. bytes, (byte)bytes.Sum(value => value)];
        // J1850's by a table-free definition of its own: division of polynomials, bit by bit.
        uint remainder = 0xFF;
        foreach (int bit in bytes.SelectMany(value => Enumerable.Range(0, 8).Select(i => value >> 7 - i & 1)))
        {
            uint top = remainder >> 7 & 1 ^ (uint)bit;
            remainder = remainder << 1 & 0xFF ^ (top == 1 ? 0x1Du : 0);
        }
        return [.. bytes, (byte)(remainder ^ 0xFF)];
    }

    private byte[] Spoil(string text)
    {
        if (faults is null) return Encoding.ASCII.GetBytes(text);
        List<byte> bytes = [];
        foreach (char character in text)
        {
            if (_random.NextDouble() < faults.InsertCharacter) bytes.Add((byte)_random.Next(0x80, 0x100));
            if (_random.NextDouble() < faults.Zero) bytes.Add(0);
            if (character is '>' or '\r' or '\n' || _random.NextDouble() >= faults.DropCharacter) bytes.Add((byte)character);
        }
        return [.. bytes];
    }
}
