using System.Text;
using System.Text.Json;
using EdgeAgent.Can;
using EdgeAgent.Obd;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation;

/// <summary>Who is on the bus, and how they answer.</summary>
internal static partial class ScenarioReader
{
    private const int MaxCodes = 255, MaxIdentifiers = 256, MaxIdentifierLength = 1024, LongestRequest = 32, LongestAnswer = 4095;

    private static readonly string[] Kinds = ["engine", "transmission", "body"];

    private static readonly string[] Manners = ["normal", "silent", "wrong-sequence", "cut-off", "garbage"];

    /// <param name="reader">The scenario.</param>
    /// <param name="vin">The vehicle's.</param>
    /// <param name="names">Gets the name of each, also of one that has mistakes.</param>
    private static List<EcuDescription> ReadEcus(ObjectReader reader, string vin, HashSet<string> names)
    {
        List<EcuDescription> ecus = [];
        int index = 0;
        foreach (var element in reader.Array("ecus", 1, MaxEcus))
        {
            var ecu = new ObjectReader(element, $"/ecus/{index++}", reader.Mistakes, "name", "kind", "id", "stored", "pending", "permanent", "identifiers");
            string? name = ecu.Id("name");
            int kind = Array.IndexOf(Kinds, ecu.Word("kind", Kinds));
            var id = ReadId(ecu);
            var (stored, pending, permanent) = (Codes(ecu, "stored"), Codes(ecu, "pending"), Codes(ecu, "permanent"));
            var identifiers = ReadIdentifiers(ecu);
            if (name is not null && !names.Add(name)) ecu.Add("name", "another ECU is called so already");
            if (name is null || kind < 0 || id is not { } answersFrom) continue;
            if (ecus.Any(other => other.Id == answersFrom)) ecu.Add("id", "another ECU answers with it already");
            ecus.Add(new EcuDescription { Name = name, Kind = (EcuKind)kind, Id = answersFrom, Vin = vin, Stored = stored, Pending = pending, Permanent = permanent, Identifiers = identifiers });
        }
        return ecus;
    }

    private static CanId? ReadId(ObjectReader ecu)
    {
        if (ecu.Text("id") is not { } text) return null;
        CanId? id = TryReadHexadecimal(text, 3, out uint value) && value <= CanId.MaxStandard ? CanId.Standard(value)
            : TryReadHexadecimal(text, 8, out value) && value <= CanId.MaxExtended ? CanId.Extended(value) : null;
        if (id is { } known && (known.IsExtended ? ObdAddressing.Extended : ObdAddressing.Standard).Ecus.Any(each => each.Receive == known)) return known;
        ecu.Add("id", $"{Quoted.Of(text)}: expected what an ECU answers with, 7E8 to 7EF or 18DAF100 to 18DAF1FF");
        return null;
    }

    private static List<DiagnosticTroubleCode> Codes(ObjectReader ecu, string name)
    {
        List<DiagnosticTroubleCode> codes = [];
        int index = 0;
        foreach (var element in ecu.Array(name, 0, MaxCodes, isRequired: false))
        {
            string pointer = $"{ecu.PointerOf(name)}/{index++}";
            if (element.ValueKind == JsonValueKind.String && DiagnosticTroubleCode.TryParse(element.GetString(), out var code)) codes.Add(code);
            else ecu.Mistakes.Add(new ConfigurationMistake(pointer, "expected a trouble code, such as \"P0301\", or with its failure type \"P0301:00\""));
        }
        return codes;
    }

    private static Dictionary<ushort, byte[]> ReadIdentifiers(ObjectReader ecu)
    {
        Dictionary<ushort, byte[]> identifiers = [];
        if (ecu.Object("identifiers", isRequired: false) is not { } members) return identifiers;
        foreach (var member in members.EnumerateObject())
        {
            string pointer = ecu.PointerOf("identifiers") + JsonPointer.Of(member.Name);
            string? text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
            byte[]? data = text is null ? null : text.StartsWith("0x", StringComparison.Ordinal) ? Hexadecimal(text[2..]) : Ascii.IsValid(text) ? Encoding.ASCII.GetBytes(text) : null;
            if (!TryReadHexadecimal(member.Name, 4, out uint identifier))
                ecu.Mistakes.Add(new ConfigurationMistake(pointer, $"{Quoted.Of(member.Name)}: expected four hexadecimal digits, such as \"F187\""));
            else if (data is not { Length: > 0 and <= MaxIdentifierLength })
                ecu.Mistakes.Add(new ConfigurationMistake(pointer, $"expected 1 to {MaxIdentifierLength} ASCII characters, or bytes as \"0x0102\""));
            else if (identifiers.Count == MaxIdentifiers)
                ecu.Mistakes.Add(new ConfigurationMistake(pointer, $"more than {MaxIdentifiers} identifiers"));
            else
                identifiers[(ushort)identifier] = data;
        }
        return identifiers;
    }

    private static List<AnswerRule> ReadRules(ObjectReader reader, HashSet<string> ecus)
    {
        List<AnswerRule> rules = [];
        int index = 0;
        foreach (var element in reader.Array("answers", 0, MaxRules, isRequired: false))
        {
            var rule = new ObjectReader(element, $"/answers/{index++}", reader.Mistakes, "request", "ecu", "manner", "delayMs", "pending", "pendingEveryMs", "refuse", "answer");
            string? ecu = rule.Text("ecu", isRequired: false);
            if (ecu is not null && !ecus.Contains(ecu)) rule.Add("ecu", $"{Quoted.Of(ecu)}: no ECU is called so");
            byte[]? request = Bytes(rule, "request", LongestRequest, isRequired: true), answer = Bytes(rule, "answer", LongestAnswer, isRequired: false);
            string? manner = rule.Has("manner") ? rule.Word("manner", Manners) : Manners[0];
            long longest = (long)AnswerRule.LongestDelay.TotalMilliseconds;
            long delay = rule.Whole("delayMs", 0, longest, isRequired: false) ?? 0, every = rule.Whole("pendingEveryMs", 1, longest, isRequired: false) ?? 1000;
            long pending = rule.Whole("pending", 0, AnswerRule.MaxPending, isRequired: false) ?? 0;
            byte[]? refuse = Bytes(rule, "refuse", 1, isRequired: false);
            if (refuse is not null && answer is not null) rule.Add("refuse", "either this or 'answer'");
            if (request is null || manner is null) continue;
            rules.Add(new AnswerRule(ecu, request)
            {
                Manner = (AnswerManner)Array.IndexOf(Manners, manner),
                Delay = TimeSpan.FromMilliseconds(delay),
                Pending = (int)pending,
                PendingInterval = TimeSpan.FromMilliseconds(every),
                Refusal = refuse is [var code] ? new NegativeResponseCode(code) : null,
                Answer = answer is null ? (ReadOnlyMemory<byte>?)null : answer,
            });
        }
        return rules;
    }

    private static byte[]? Bytes(ObjectReader reader, string name, int longest, bool isRequired)
    {
        if (reader.Text(name, isRequired) is not { } text) return null;
        byte[]? bytes = Hexadecimal(text);
        if (bytes is { } given && given.Length <= longest) return given;
        reader.Add(name, $"{Quoted.Of(text)}: expected 1 to {longest} bytes in hexadecimal");
        return null;
    }
}
