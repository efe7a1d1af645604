using System.Globalization;
using System.Text.Json;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation;

/// <summary>Reads scenarios, strict JSON, and finds all that is wrong with them. <c>packaging/schema/scenario.schema.json</c> describes them.</summary>
internal static partial class ScenarioReader
{
    /// <summary>A larger file is no scenario.</summary>
    public const int MaxBytes = 256 * 1024;

    public const int MaxLegs = 100, MaxEcus = 16, MaxRules = 256, MaxSignals = 4096;

    private const double LongestLeg = 86_400;

    private const string DefaultName = "default-scenario.json", DefaultMessagesName = "vehicle.dbc";

    private static readonly string[] Phases = ["idle", "city", "motorway", "off"];

    /// <summary>What is simulated unless something else is said: a drive with two ECUs, a stored trouble code and a permanent one.</summary>
    public static Scenario Default
    {
        get
        {
            using var stream = Resource(DefaultName);
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return Parse(content.ToArray(), DefaultName);
        }
    }

    /// <summary>What is sent unless a DBC file is named: the messages of <c>demo/vehicle.dbc</c>.</summary>
    public static DbcDatabase DefaultMessages
    {
        get
        {
            using var stream = Resource(DefaultMessagesName);
            return DbcFile.Load(stream, DefaultMessagesName);
        }
    }

    /// <exception cref="ConfigurationException">The file cannot be read or has mistakes.</exception>
    public static Scenario Load(string path)
    {
        byte[] content;
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > MaxBytes) throw new ConfigurationException($"{path}: larger than the {MaxBytes} bytes that a scenario may have");
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new ConfigurationException(FileTrouble.Describe(path, e));
        }
        return Parse(content, path);
    }

    /// <param name="utf8">UTF-8 JSON.</param>
    /// <param name="path">The file's name: for messages, and its directory for relative paths.</param>
    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    public static Scenario Parse(ReadOnlySpan<byte> utf8, string path)
    {
        if (!StrictJson.TryParse(utf8, out var root, out var broken)) throw new ConfigurationException(path, [broken]);
        List<ConfigurationMistake> mistakes = [];
        var scenario = Read(root, path, mistakes);
        return mistakes.Count == 0 ? scenario : throw new ConfigurationException(path, mistakes);
    }

    private static Scenario Read(JsonElement root, string path, List<ConfigurationMistake> mistakes)
    {
        var reader = new ObjectReader(root, "", mistakes, "vin", "seed", "drive", "ecus", "answers", "dbc", "signals");
        string vin = reader.Text("vin") ?? "";
        if (reader.Has("vin") && !IsVin(vin)) reader.Add("vin", $"{Quoted.Of(vin)}: expected 17 of A–Z without I, O and Q, and 0–9");
        int seed = (int)(reader.Whole("seed", 0, int.MaxValue, isRequired: false) ?? 1);
        var drive = ReadDrive(reader);
        HashSet<string> names = [];
        var ecus = ReadEcus(reader, vin, names);
        return new Scenario
        {
            Seed = seed,
            Drive = drive,
            Ecus = ecus,
            Rules = ReadRules(reader, names),
            Dbc = reader.Text("dbc", isRequired: false) is { } dbc ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, dbc) : null,
            Signals = ReadSignals(reader),
        };
    }

    private static List<DriveLeg> ReadDrive(ObjectReader reader)
    {
        List<DriveLeg> drive = [];
        int index = 0;
        foreach (var element in reader.Array("drive", 1, MaxLegs))
        {
            var leg = new ObjectReader(element, $"/drive/{index++}", reader.Mistakes, "phase", "seconds");
            int phase = Array.IndexOf(Phases, leg.Word("phase", Phases));
            double? seconds = leg.Number("seconds", 0.1, LongestLeg);
            if (phase >= 0 && seconds is { } length) drive.Add(new DriveLeg((DrivePhase)phase, TimeSpan.FromSeconds(length)));
        }
        return drive;
    }

    private static Dictionary<string, SignalSource> ReadSignals(ObjectReader reader)
    {
        Dictionary<string, SignalSource> signals = [];
        if (reader.Object("signals", isRequired: false) is not { } members) return signals;
        foreach (var member in members.EnumerateObject())
        {
            string pointer = "/signals" + JsonPointer.Of(member.Name);
            if (signals.Count == MaxSignals)
            {
                reader.Add("signals", $"more than {MaxSignals} signals");
                break;
            }
            if (member.Name.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
                reader.Mistakes.Add(new ConfigurationMistake(pointer, $"{Quoted.Of(member.Name)}: expected MESSAGE/SIGNAL"));
            else if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out double constant) && double.IsFinite(constant))
                signals[member.Name] = new SignalSource(null, constant);
            else if (member.Value.ValueKind == JsonValueKind.String && VehicleState.Values.TryGetValue(member.Value.GetString()!, out var value))
                signals[member.Name] = new SignalSource(value, 0);
            else
                reader.Mistakes.Add(new ConfigurationMistake(pointer, $"expected a number or one of {string.Join(", ", VehicleState.Values.Keys)}"));
        }
        return signals;
    }

    private static Stream Resource(string name) => typeof(ScenarioReader).Assembly.GetManifestResourceStream(name)!;

    private static bool IsVin(string text) => text.Length == 17 && text.All(c => c is >= 'A' and <= 'Z' and not ('I' or 'O' or 'Q') or >= '0' and <= '9');

    /// <summary>Pairs of hexadecimal digits, spaces between them if one likes; null if it is something else.</summary>
    private static byte[]? Hexadecimal(string text)
    {
        string digits = text.Replace(" ", "", StringComparison.Ordinal);
        return digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private static bool TryReadHexadecimal(string text, int digits, out uint value)
    {
        value = 0;
        return text.Length == digits && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
