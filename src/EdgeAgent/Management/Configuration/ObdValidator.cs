using System.Globalization;
using EdgeAgent.Capture;
using EdgeAgent.Obd;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns what is said about asking ECUs into a checked plan.</summary>
internal sealed class ObdValidator(Findings findings)
{
    private const double EveryByDefault = 1;

    private const int MaxSignals = 4096, EarliestYear = 1980, LatestYear = 2100;

    private const string EngineOffIgnored = "ignore", EngineOffStops = "stop";

    private static readonly ObdAddressing[] Addressings = [ObdAddressing.Standard, ObdAddressing.Extended];

    /// <param name="at">Where it stands.</param>
    /// <param name="document">What is said.</param>
    /// <param name="signalsets">Its checked files.</param>
    public ObdConfiguration Validate(string at, ObdDocument document, IReadOnlyList<FileReference> signalsets)
    {
        findings.RefuseUnknown(at, document.Unknown, "addressing", "poll", "requestsPerSecond", "yieldSeconds", "engineOff", "signalsets", "signals", "modelYear", "vin");
        string name = document.Addressing ?? ObdAddressing.Standard.Name;
        var addressing = Addressings.FirstOrDefault(each => each.Name == name);
        findings.Check(addressing is not null, $"{at}/addressing", $"'{name}' is no addressing: expected one of {string.Join(", ", Addressings.Select(each => each.Name))}");
        List<ObdPoll> polls = [];
        for (int i = 0; i < document.Poll?.Count; i++)
        {
            if (Poll($"{at}/poll/{i}", document.Poll[i]) is not { } poll) continue;
            if (polls.Any(known => known.Pid == poll.Pid)) findings.Add($"{at}/poll/{i}/pid", "the same again");
            else polls.Add(poll);
        }
        if (document.Signalsets is null && document.Signals is not null) findings.Add($"{at}/signals", "only with 'signalsets'");
        if (document.Signalsets is null && document.ModelYear is not null) findings.Add($"{at}/modelYear", "only with 'signalsets'");
        int year = (int)findings.Number($"{at}/modelYear", document.ModelYear, 0, EarliestYear, LatestYear);
        return new ObdConfiguration(addressing ?? ObdAddressing.Standard, polls)
        {
            Manners = Manners(at, document),
            Signalsets = signalsets,
            Signals = document.Signals is null ? null : Signals($"{at}/signals", document.Signals),
            ModelYear = year == 0 ? null : year,
            ReadsVin = document.Vin != false,
        };
    }

    private List<ObdSignal> Signals(string at, IReadOnlyList<ObdSignalDocument?> documents)
    {
        List<ObdSignal> signals = [];
        if (documents.Count == 0) findings.Add(at, "an empty list polls nothing; leave it out to poll everything");
        if (documents.Count > MaxSignals) findings.Add(at, $"{documents.Count} signals; at most {MaxSignals} are possible");
        for (int i = 0; i < Math.Min(documents.Count, MaxSignals); i++)
        {
            if (documents[i] is not { } document)
            {
                findings.Add($"{at}/{i}", "expected an object, found null");
                continue;
            }
            findings.RefuseUnknown($"{at}/{i}", document.Unknown, "signal", "everySeconds");
            var every = findings.Seconds($"{at}/{i}/everySeconds", document.EverySeconds, EveryByDefault, ObdPoll.Shortest.TotalSeconds, ObdPoll.Longest.TotalSeconds);
            if (findings.Required($"{at}/{i}/signal", document.Signal, "the id of a signal, or *") is not { } id) continue;
            if (signals.Exists(known => known.Signal == id)) findings.Add($"{at}/{i}/signal", "the same again");
            else signals.Add(new ObdSignal(id, document.EverySeconds is null ? null : every));
        }
        return signals;
    }

    private ObdManners Manners(string at, ObdDocument document)
    {
        var usual = new ObdManners();
        string engineOff = document.EngineOff ?? EngineOffIgnored;
        findings.Check(engineOff is EngineOffIgnored or EngineOffStops, $"{at}/engineOff", $"'{engineOff}': expected {EngineOffIgnored} or {EngineOffStops}");
        return new ObdManners
        {
            RequestsPerSecond = (int)findings.Number($"{at}/requestsPerSecond", document.RequestsPerSecond, usual.RequestsPerSecond, ObdManners.FewestRequests, ObdManners.MostRequests),
            YieldFor = findings.Seconds(
                $"{at}/yieldSeconds", document.YieldSeconds, usual.YieldFor.TotalSeconds, ObdManners.ShortestYield.TotalSeconds, ObdManners.LongestYield.TotalSeconds),
            StopsWithEngine = engineOff == EngineOffStops,
        };
    }

    private ObdPoll? Poll(string at, ObdPollDocument? document)
    {
        if (document is null)
        {
            findings.Add(at, "expected an object, found null");
            return null;
        }
        findings.RefuseUnknown(at, document.Unknown, "pid", "everySeconds");
        var every = findings.Seconds($"{at}/everySeconds", document.EverySeconds, EveryByDefault, ObdPoll.Shortest.TotalSeconds, ObdPoll.Longest.TotalSeconds);
        if (findings.Required($"{at}/pid", document.Pid, "a parameter of SAE J1979 service 01, two hexadecimal digits") is not { } text) return null;
        bool isNumber = byte.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte number) && text.Length == 2;
        var pid = isNumber ? ObdPids.Find(number) : null;
        return findings.Check(pid is { Parameters.Count: > 0 }, $"{at}/pid", $"'{text}' is no parameter with numbers that is known here: expected two hexadecimal digits, such as 0C") ? new ObdPoll(pid!, every) : null;
    }
}
