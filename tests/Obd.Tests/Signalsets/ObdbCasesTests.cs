using System.Globalization;
using System.Text.Json;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Obd.Tests.Signalsets;

/// <summary>Answers that were captured in vehicles, with what others' decoder makes of them.</summary>
public sealed class ObdbCasesTests
{
    [Fact]
    public void Every_captured_answer_gives_the_expected_values()
    {
        var standard = Signalset.Load(ObdbTestData.StandardSet());
        int cases = 0;
        List<string> wrong = [];
        foreach (string vehicle in ObdbTestData.Vehicles())
        {
            var own = Signalset.Load(ObdbTestData.SetOf(vehicle));
            var decoder = new SignalsetDecoder([own, standard]);
            foreach (string line in File.ReadLines(ObdbTestData.CasesOf(vehicle)))
            {
                cases++;
                using var document = JsonDocument.Parse(line);
                var one = document.RootElement;
                string command = one.GetProperty("command").GetString()!, response = one.GetProperty("response").GetString()!;
                Assert.True(CommandReference.TryParse(command, out var reference), command);
                bool isDecoded = decoder.TryDecode(reference, response, OptionsOf(one), out var answer, out string? problem);
                var signals = answer?.Signals.ToDictionary(signal => signal.Id) ?? [];
                string? difference = isDecoded ? ObdbTestData.Difference(one.GetProperty("expected"), id => ValueOf(signals.GetValueOrDefault(id))) : problem;
                if (difference is not null) wrong.Add($"{Path.GetFileName(vehicle)} {command}: {difference}: {response}");
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases}: {string.Join('\n', wrong.Take(20))}");
        Assert.True(cases >= 27_103);
    }

    [Fact]
    public void The_command_of_each_case_is_one_of_the_vehicles_set_or_a_legislated_one()
    {
        foreach (string vehicle in ObdbTestData.Vehicles())
        {
            var ids = Signalset.Load(ObdbTestData.SetOf(vehicle)).Commands.Select(command => command.Id).ToHashSet();
            var unknown = File.ReadLines(ObdbTestData.CasesOf(vehicle)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("command").GetString()!)
                .Where(command => !ids.Contains(command) && !IsLegislated(command)).Distinct();
            Assert.Empty(unknown);
        }
    }

    [Fact]
    public void The_signalsets_load_without_a_warning()
    {
        foreach (string vehicle in Directory.GetDirectories(ObdbTestData.Folder())) Assert.Empty(Signalset.Load(ObdbTestData.SetOf(vehicle)).Warnings);
    }

    private static bool IsLegislated(string command) => command.Split('.') is [_, { Length: 4 } request] && request.StartsWith("01", StringComparison.Ordinal);

    private static AnswerOptions OptionsOf(JsonElement one) => new(
        int.Parse(one.GetProperty("year").GetString()!, CultureInfo.InvariantCulture),
        one.GetProperty("idFormat").GetString() == "11bit" ? CapturedHeader.Can11Bit : CapturedHeader.Can29Bit,
        one.GetProperty("extendedAddressing").GetBoolean());

    private static object? ValueOf(DecodedSignal? signal) => signal?.Reading switch
    {
        { State: SignalState.Number } reading => reading.Number,
        { State: SignalState.Label } reading => reading.Label,
        _ => null,
    };
}
