using System.Text;
using EdgeAgent.Can.Tests.Fuzz;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Obd.Tests.Fuzz;

/// <summary>Answers to the services of SAE J1979 and ISO 14229-1, and trouble codes as text.</summary>
internal sealed class ServicesFuzz : FuzzTarget
{
    public override string Name => "obd-services";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "410C1AF80D32", "4106807F078182", "410183076504", "430203010420", "4601010A0BB00BB00BAF", "45050132001E", "4902015756575A5A5A314B5A4157303030303031", "49080400100020003000400050", "7F2278",
            "5902FFC100870903010028", "594233FF1E040203010009", "595533FF0403010009", "5906C10087090102", "5901FF010003", "5003003201F4", "62F19041", "7101020355", "50303330313A3837",
        }.Select(Convert.FromHexString),
    ];

    public override int LongestInput => 512;

    public override string Run(ReadOnlySpan<byte> input)
    {
        byte[] message = input.ToArray();
        int parameters = 0, flags = 0;
        if (message.Length > 1 && ObdPids.Find(message[1]) is { } pid)
        {
            foreach (var parameter in pid.Parameters)
            {
                if (!parameter.TryDecode(message.AsSpan(2), out double value)) continue;
                Assert.InRange(value, parameter.Minimum, parameter.Maximum);
                _ = parameter.LabelOf(value);
                parameters++;
            }
            flags = pid.Flags.Count(flag => flag.TryDecode(message.AsSpan(2), out _));
        }
        bool isSplit = CurrentData.TrySplit(message, [0x06, 0x07, 0x0C, 0x0D, 0x67], out var split);
        Assert.Equal(isSplit, split.Count > 0);
        var results = MonitoringResult.Read(message);
        Assert.All(results, result => Assert.True(double.IsFinite(result.Value) && (result.TestName is null || result.TestName.Length > 0)));
        var information = VehicleInformation.Read(message);
        bool isReadiness = ReadinessReport.TryRead(message, out var report);
        if (isReadiness) Assert.InRange(report!.CodeCount, 0, 127);
        foreach (var code in ObdClient.ReadCodes(message)) Assert.True(DiagnosticTroubleCode.TryParse(code.ToString(), out var again) && again == code);
        if (DiagnosticTroubleCode.TryParse(Encoding.Latin1.GetString(message), out var parsed)) Assert.True(DiagnosticTroubleCode.TryParse(parsed.ToString(), out var same) && same == parsed);
        int codes = 0;
        if (UdsResponse.TryReadDtcs(message, out var records))
        {
            foreach (var record in records)
            {
                Assert.NotNull(record.Status.ToString());
                codes++;
            }
        }
        return $"{parameters} {flags} {split.Count} {Math.Min(results.Count, 3)} {information?.Type} {ObdClient.ReadVin(message) is not null} {OxygenSensorResult.Read(message)?.Unit} {Math.Min(codes, 3)}"
            + $" {UdsResponse.TryReadSession(message, out _)} {UdsResponse.TryReadDtcCount(message, out _)} {UdsResponse.TryReadDtcRecords(message, out _, out _)} {UdsResponse.TryReadRoutine(message, out _, out _)}"
            + $" {(NegativeResponse.TryRead(message, out _, out var refused) ? refused.Name : "")}";
    }
}
