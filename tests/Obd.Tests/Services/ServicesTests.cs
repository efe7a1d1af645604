using CsCheck;

namespace EdgeAgent.Obd.Tests.Services;

public sealed class ServicesTests
{
    [Fact]
    public void Monitors_of_a_petrol_engine_say_what_is_supported_and_what_has_run()
    {
        // The example of SAE J1979: indicator on, 3 codes; D5 and D0 of the second half are still to run.
        Assert.True(ReadinessReport.TryRead([0x83, 0x07, 0x65, 0x21], out var report));
        Assert.Equal((true, 3, false, false), (report.IsIndicatorOn, report.CodeCount, report.IsCompressionIgnition, report.IsReady));
        Assert.Equal(
            ["misfire complete", "fuel system complete", "components complete", "catalyst incomplete", "evaporative system complete", "oxygen sensor incomplete", "oxygen sensor heater complete"],
            report.Monitors.Where(monitor => monitor.IsSupported).Select(monitor => $"{monitor.Name} {(monitor.IsComplete ? "complete" : "incomplete")}"));
        Assert.Equal(11, report.Monitors.Count);
    }

    [Fact]
    public void Monitors_of_a_diesel_are_others()
    {
        Assert.True(ReadinessReport.TryRead([0x00, 0x4E, 0xEB, 0x00], out var report));
        Assert.True(report.IsCompressionIgnition);
        Assert.False(report.IsReady); // components are still to run
        Assert.Equal(
            ["fuel system", "components", "NMHC catalyst", "NOx or SCR", "boost pressure", "exhaust gas sensor", "particulate filter", "EGR or VVT"],
            report.Monitors.Where(monitor => monitor.IsSupported).Select(monitor => monitor.Name));
        Assert.False(ReadinessReport.TryRead([0x00, 0x4E, 0xEB], out _));
    }

    [Theory]
    [InlineData("410C1AF80D32", "0C0D", "0C:1AF8 0D:32")]
    [InlineData("410D320C1AF8", "0C0D", "0D:32 0C:1AF8")]
    [InlineData("410C1AF8", "0C0D", "0C:1AF8")]
    [InlineData("4100BE3EA8130580", "0005", "00:BE3EA813 05:80")]
    [InlineData("410680078105FF", "060705", "06:80 07:81 05:FF")]
    [InlineData("4106807F0781820560", "060705", "06:807F 07:8182 05:60")]
    [InlineData("4106800705", "0607", "06:80 07:05")]
    [InlineData("410C1A", "0C", null)]
    [InlineData("410C1AF8FF", "0C", null)]
    [InlineData("41", "0C", null)]
    [InlineData("430C1AF8", "0C", null)]
    public void An_answer_to_several_parameters_is_divided(string message, string asked, string? parameters)
    {
        bool isDivided = CurrentData.TrySplit(Convert.FromHexString(message), Convert.FromHexString(asked), out var found);
        Assert.Equal(parameters, isDivided ? string.Join(' ', found.Select(one => $"{one.Pid:X2}:{Convert.ToHexString(one.Data.Span)}")) : null);
    }

    [Fact]
    public void What_was_put_together_is_divided_again()
    {
        var known = ObdPids.All.Where(pid => pid.Pid is not (>= 0x06 and <= 0x09 or >= 0x55 and <= 0x58)).ToArray();
        Gen.Select(Gen.Int[0, known.Length - 1].Select(i => known[i]), Gen.Byte.Array[41]).Array[1, 6].Sample(parts =>
        {
            var distinct = parts.DistinctBy(part => part.Item1.Pid).ToArray();
            byte[] message = [0x41, .. distinct.SelectMany(part => (byte[])[part.Item1.Pid, .. part.Item2[..part.Item1.Length]])];
            return CurrentData.TrySplit(message, distinct.Select(part => part.Item1.Pid).ToArray(), out var found)
                && found.Zip(distinct).All(pair => pair.First.Pid == pair.Second.Item1.Pid && pair.First.Data.Span.SequenceEqual(pair.Second.Item2.AsSpan(0, pair.Second.Item1.Length)));
        });
    }

    [Theory]
    [InlineData(0x01, 0xFFFF, 65535, null)]
    [InlineData(0x0A, 1000, 122, "mV")]
    [InlineData(0x0B, 5000, 5, "V")]
    [InlineData(0x16, 400, 0, "°C")]
    [InlineData(0x81, 0xFFFF, -1, null)]
    [InlineData(0x9C, 0xFF9C, -1, "°")]
    [InlineData(0xFE, 4, 1, "Pa")]
    [InlineData(0x7F, 9, 9, null)]
    public void A_test_value_has_its_own_scaling(byte id, int raw, double value, string? unit)
    {
        var scaling = UnitAndScaling.Of(id);
        Assert.Equal(value, scaling.ToValue((ushort)raw), 9);
        Assert.Equal(unit, scaling.Unit);
    }

    [Fact]
    public void Results_of_monitoring_come_with_their_limits()
    {
        // Monitor 01 with two tests, of which the second is over its maximum.
        var results = MonitoringResult.Read(Convert.FromHexString("46" + "01010A0BB00BB00BB0" + "01810B138800001380"));
        Assert.Equal(2, results.Count);
        Assert.Equal(("oxygen sensor, bank 1, sensor 1", "threshold from rich to lean", true), (results[0].MonitorName, results[0].TestName, results[0].IsPassed));
        Assert.Equal(365.024, results[0].Value, 6);
        Assert.Equal((5.0, 0.0, 4.992, null, false), (results[1].Value, results[1].Minimum, results[1].Maximum, results[1].TestName, results[1].IsPassed));
        Assert.Empty(MonitoringResult.Read(Convert.FromHexString("4600C0000001")));
        Assert.Empty(MonitoringResult.Read(Convert.FromHexString("460101")));
    }

    [Theory]
    [InlineData("4501015A", 1, 0.45, null, null, "V")]
    [InlineData("4505013C0064", 5, 0.24, 0.0, 0.4, "s")]
    [InlineData("457001051020", 0x70, 5, 16.0, 32.0, null)]
    public void Oxygen_sensor_results_of_old_vehicles_are_read(string message, byte test, double value, double? minimum, double? maximum, string? unit)
    {
        var result = OxygenSensorResult.Read(Convert.FromHexString(message))!;
        Assert.Equal((test, unit), (result.Test, result.Unit));
        Assert.Equal(value, result.Value, 9);
        Assert.Equal((minimum, maximum), (result.Minimum, result.Maximum));
        Assert.Null(OxygenSensorResult.Read([0x45, 0x00, 0x01, 0xFF]));
        Assert.Null(OxygenSensorResult.Read([0x45, 0x01]));
    }

    [Theory]
    [InlineData("490201" + "5756575A5A5A314B5A4157303030303031", "WVWZZZ1KZAW000001")]
    [InlineData("490402" + "33374634303041423130303000000000" + "33374634303041423130303100000000", "37F400AB1000 37F400AB1001")]
    [InlineData("490602" + "12345678" + "0000ABCD", "12345678 0000ABCD")]
    [InlineData("490A01" + "45434D002D456E67696E65436F6E74726F6C0000", "ECM -EngineControl")]
    [InlineData("490804" + "0010002000300040", "OBDCOND=16 IGNCNTR=32 CATCOMP1=48 CATCOND1=64")]
    [InlineData("490B02" + "00100020", "OBDCOND=16 IGNCNTR=32")]
    [InlineData("490002" + "00100020", null)]
    [InlineData("4902", null)]
    public void Vehicle_information_is_read(string message, string? items)
    {
        var information = VehicleInformation.Read(Convert.FromHexString(message));
        Assert.Equal(items, information is null ? null : string.Join(' ', information.Texts.Concat(information.Counters.Select(counter => $"{counter.Name}={counter.Count}"))));
    }

    [Theory]
    [InlineData("P0301", "P0301", "", "confirmed, and seen again in this driving cycle or the last")]
    [InlineData("P0301", "", "P0301", "confirmed, not seen in this driving cycle or the last")]
    [InlineData("", "P0301", "", "seen, not confirmed yet")]
    [InlineData("", "", "P0301", "cleared by a tester, but the ECU has not yet found that it is gone")]
    [InlineData("", "P0301", "P0301", "cleared by a tester, and seen again")]
    public void The_lists_that_a_code_is_in_say_how_it_stands(string stored, string pending, string permanent, string meaning) =>
        Assert.Equal(meaning, Assert.Single(TroubleCodeState.Merge(Codes(stored), Codes(pending), Codes(permanent))).Meaning);

    [Fact]
    public void Any_bytes_are_read_or_passed_over()
    {
        Gen.Byte.Array[0, 64].Sample(message =>
        {
            _ = ReadinessReport.TryRead(message, out _);
            _ = MonitoringResult.Read(message);
            _ = OxygenSensorResult.Read(message);
            _ = VehicleInformation.Read(message);
            _ = ObdClient.ReadCodes(message);
            _ = ObdClient.ReadVin(message);
            return CurrentData.TrySplit(message, [0x06, 0x07, 0x0C, 0x0D], out var parameters) == (parameters.Count > 0);
        });
    }

    private static IEnumerable<DiagnosticTroubleCode> Codes(string codes)
    {
        foreach (string code in codes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(DiagnosticTroubleCode.TryParse(code, out var parsed));
            yield return parsed;
        }
    }
}
