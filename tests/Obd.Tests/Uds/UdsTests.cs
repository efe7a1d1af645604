using CsCheck;
using EdgeAgent.Can;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Obd.Tests.Uds;

public sealed class UdsTests
{
    private static readonly CanId Engine = CanId.Standard(0x7E8), Body = CanId.Extended(0x18DAF140);

    private readonly ScriptedLink _link = new();
    private readonly UdsClient _client;

    public UdsTests() => _client = new UdsClient(_link);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Requests_are_those_of_the_standard()
    {
        Assert.Equal("1003", Encoded(request => UdsRequest.SessionControl(request, UdsSession.Extended)));
        Assert.Equal("1101", Encoded(request => UdsRequest.EcuReset(request, 1)));
        Assert.Equal("3E80", Encoded(request => UdsRequest.TesterPresent(request, wantsAnswer: false)));
        Assert.Equal("3E00", Encoded(request => UdsRequest.TesterPresent(request, wantsAnswer: true)));
        Assert.Equal("14FFFF33", Encoded(request => UdsRequest.ClearDiagnosticInformation(request, 0xFFFF33)));
        Assert.Equal("19022F", Encoded(request => UdsRequest.ReadDtcByStatus(request, DtcReport.ByStatusMask, new DtcStatus(0x2F))));
        Assert.Equal("190A", Encoded(UdsRequest.ReadSupportedDtc));
        Assert.Equal("1904030187FF", Encoded(request => UdsRequest.ReadDtcRecord(request, DtcReport.SnapshotByNumber, 0x030187, 0xFF)));
        Assert.Equal("194233081E", Encoded(request => UdsRequest.ReadWwhObdDtc(request, 0x33, new DtcStatus(0x08), 0x1E)));
        Assert.Equal("195533", Encoded(request => UdsRequest.ReadPermanentDtc(request, 0x33)));
        Assert.Equal("22F190F187", Encoded(request => UdsRequest.ReadData(request, 0xF190, 0xF187)));
        Assert.Equal("2EF1900102", Encoded(request => UdsRequest.WriteData(request, 0xF190, [1, 2])));
        Assert.Equal("31010203FF", Encoded(request => UdsRequest.Routine(request, 1, 0x0203, [0xFF])));
        Assert.Throws<ArgumentException>(() => UdsRequest.ReadData(new byte[64]));
        Assert.Throws<ArgumentException>(() => UdsRequest.ReadData(new byte[64], new ushort[UdsRequest.MaxIdentifiers + 1]));
    }

    [Fact]
    public async Task A_session_says_how_long_answers_may_take()
    {
        _link.Answers["1003"] = [(Engine, "5003003201F4")];
        Assert.Equal(new SessionTiming(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5)), await _client.BeginSessionAsync(Engine, UdsSession.Extended, Stop));
        Assert.Equal(["7E8 1003"], _link.Requests);
    }

    [Fact]
    public async Task Data_is_read_of_one_ecu_and_of_all()
    {
        _link.Answers["22F190"] = [(Engine, "62F1904142"), (Body, "7F2231"), (CanId.Standard(0x7E9), "62F19144")];
        Assert.Equal("4142", Convert.ToHexString((await _client.ReadDataAsync(Engine, 0xF190, Stop)).Span));
        Assert.Equal(Engine, Assert.Single(await _client.ReadDataOfAllAsync(0xF190, Stop)).Ecu);
        Assert.Equal("18DAF140 refuses service 22: requestOutOfRange (31)", (await Assert.ThrowsAsync<ObdException>(() => _client.ReadDataAsync(Body, 0xF190, Stop))).Message);
        Assert.Equal("7E9: the answer is malformed", (await Assert.ThrowsAsync<ObdException>(() => _client.ReadDataAsync(CanId.Standard(0x7E9), 0xF190, Stop))).Message);
        Assert.Equal("7EA does not answer", (await Assert.ThrowsAsync<ObdException>(() => _client.ReadDataAsync(CanId.Standard(0x7EA), 0xF190, Stop))).Message);
    }

    [Fact]
    public async Task Trouble_codes_come_with_failure_type_and_status()
    {
        _link.Answers["1901FF"] = [(Engine, "5901FF010003")];
        _link.Answers["1902FF"] = [(Engine, "5902FF" + "C1008709" + "03010028" + "00")];
        _link.Answers["190A"] = [(Engine, "590AFF" + "03010000")];
        _link.Answers["1906C10087FF"] = [(Engine, "5906C1008709" + "010203")];
        Assert.Equal(new DtcCount(new DtcStatus(0xFF), 1, 3), await _client.CountDtcsAsync(Engine, new DtcStatus(0xFF), Stop));
        Assert.Equal(
            ["U0100:87 testFailed, confirmedDTC", "P0301:00 confirmedDTC, testFailedSinceLastClear"],
            (await _client.ReadDtcsAsync(Engine, new DtcStatus(0xFF), Stop)).Select(record => $"{record.Code} {record.Status}"));
        Assert.Equal("P0301:00 none", Assert.Single((await _client.ReadSupportedDtcsAsync(Engine, Stop)).Select(record => $"{record.Code} {record.Status}")));
        var (code, records) = await _client.ReadDtcRecordsAsync(Engine, DtcReport.ExtendedDataByNumber, 0xC10087, 0xFF, Stop);
        Assert.Equal(("U0100:87", "010203"), (code.Code.ToString(), Convert.ToHexString(records.Span)));
    }

    [Fact]
    public async Task Nothing_is_changed_without_permission()
    {
        foreach (var change in (Func<Task>[])
            [
                () => _client.ClearAsync(null, 0xFFFFFF, Stop), () => _client.ResetAsync(Engine, 1, Stop), () => _client.WriteDataAsync(Engine, 0xF190, new byte[1], Stop),
                () => _client.RoutineAsync(Engine, 1, 0x0203, default, Stop),
            ])
            Assert.Equal(ObdFault.NotPermitted, (await Assert.ThrowsAsync<ObdException>(change)).Fault);
        Assert.Empty(_link.Requests);
    }

    [Fact]
    public async Task With_permission_it_is()
    {
        var client = new UdsClient(_link, UdsPermissions.Clear | UdsPermissions.Reset | UdsPermissions.Write | UdsPermissions.Routines);
        _link.Answers["14FFFFFF"] = [(Engine, "54"), (Body, "7F1422")];
        _link.Answers["1101"] = [(Engine, "5101")];
        _link.Answers["2EF19001"] = [(Engine, "6EF190")];
        _link.Answers["31010203"] = [(Engine, "7101020355")];
        Assert.Equal([null, "conditionsNotCorrect (22)"], (await client.ClearAsync(null, 0xFFFFFF, Stop)).Select(answer => answer.Trouble));
        await client.ResetAsync(Engine, 1, Stop);
        await client.WriteDataAsync(Engine, 0xF190, new byte[] { 1 }, Stop);
        Assert.Equal("55", Convert.ToHexString((await client.RoutineAsync(Engine, 1, 0x0203, default, Stop)).Span));
        await client.TesterPresentAsync(null, Stop);
        Assert.Equal(["14FFFFFF", "7E8 1101", "7E8 2EF19001", "7E8 31010203", "3E80"], _link.Requests);
    }

    [Fact]
    public async Task Newer_vehicles_speak_legislated_diagnostics_by_the_same_services()
    {
        var obd = new ObdOnUds(_link);
        _link.Answers["22F810"] = [(Engine, "62F81001"), (Body, "7F2231")];
        _link.Answers["22F40C"] = [(Engine, "62F40C1AF8")];
        _link.Answers["22F802"] = [(Engine, "62F802" + Convert.ToHexString("WVWZZZ1KZAW000001"u8))];
        _link.Answers["194233081E"] = [(Engine, "594233FF1E04" + "0203010009")];
        _link.Answers["195533"] = [(Engine, "595533FF04" + "03010009")];
        _link.Answers["14FFFF33"] = [(Engine, "54")];
        Assert.Equal([Engine], await obd.DetectAsync(Stop));
        Assert.True(ObdPids.Find(0x0C)!.Parameters[0].TryDecode(Assert.Single(await obd.ParameterAsync(0x0C, Stop)).Data.Span, out double speed));
        Assert.Equal(1726, speed);
        Assert.Equal("WVWZZZ1KZAW000001", Assert.Single(await obd.InformationAsync(InformationType.Vin, Stop)).Information.Texts[0]);
        var stored = Assert.Single(Assert.Single(await obd.TroubleCodesAsync(TroubleCodeKind.Stored, Stop)).Codes);
        Assert.Equal(("P0301:00", true, (byte?)0x02), (stored.Code.ToString(), stored.Status.IsConfirmed, stored.Severity));
        Assert.Equal("P0301:00", Assert.Single(Assert.Single(await obd.TroubleCodesAsync(TroubleCodeKind.Permanent, Stop)).Codes).Code.ToString());
        Assert.Empty(await obd.TroubleCodesAsync(TroubleCodeKind.Pending, Stop));
        Assert.True(Assert.Single(await obd.ClearTroubleCodesAsync(Stop)).IsPositive);
    }

    [Theory]
    [InlineData("14FFFFFF", "54", true)]
    [InlineData("3E80", "7E00", true)]
    [InlineData("1083", "5003003201F4", true)]
    [InlineData("1902FF", "590AFF", false)]
    [InlineData("22F190", "62F1", true)]
    [InlineData("22F190", "6201", false)]
    [InlineData("2EF190", "7F2E33", true)]
    public void Answers_to_these_services_are_known_by_how_they_begin(string request, string beginning, bool isAnswer) =>
        Assert.Equal(isAnswer, new ObdExchange(null, Convert.FromHexString(request), new ObdTiming()).Wants(Engine, Convert.FromHexString(beginning)));

    [Fact]
    public void Status_bits_have_the_standards_names()
    {
        var status = new DtcStatus(0xAF);
        Assert.Equal(
            (true, true, true, true, false, true, false, true),
            (status.TestFailed, status.TestFailedThisOperationCycle, status.IsPending, status.IsConfirmed, status.TestNotCompletedSinceLastClear, status.TestFailedSinceLastClear,
                status.TestNotCompletedThisOperationCycle, status.IsWarningRequested));
        Assert.Equal(8, new DtcStatus(0xFF).Names.Distinct().Count());
    }

    [Fact]
    public void Every_code_of_a_refusal_that_the_standard_names_has_a_name()
    {
        byte[] named = [0x10, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x24, 0x25, 0x26, 0x31, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, .. Enumerable.Range(0x50, 14).Select(code => (byte)code),
            0x70, 0x71, 0x72, 0x73, 0x78, 0x7E, 0x7F, .. Enumerable.Range(0x81, 12).Select(code => (byte)code), 0x8D, 0x8F, .. Enumerable.Range(0x90, 5).Select(code => (byte)code)];
        Assert.All(named, code => Assert.NotEqual("reserved", new NegativeResponseCode(code).Name));
        Assert.Equal(named.Length, named.Select(code => new NegativeResponseCode(code).Name).Distinct().Count());
    }

    [Fact]
    public void Any_bytes_are_an_answer_or_none()
    {
        Gen.Select(Gen.OneOf(Gen.Const((byte)0x59), Gen.Const((byte)0x62), Gen.Const((byte)0x71), Gen.Const((byte)0x50), Gen.Byte), Gen.Byte.Array[0, 40]).Sample((first, rest) =>
        {
            byte[] message = [first, .. rest];
            _ = UdsResponse.TryReadSession(message, out _);
            _ = UdsResponse.TryReadDtcCount(message, out _);
            _ = UdsResponse.TryReadDtcRecords(message, out _, out _);
            _ = UdsResponse.TryReadRoutine(message, out _, out _);
            _ = UdsResponse.TryReadData(message, 0xF190, out _);
            int codes = 0;
            if (UdsResponse.TryReadDtcs(message, out var records))
            {
                foreach (var record in records)
                {
                    Assert.True(DiagnosticTroubleCode.TryParse(record.Code.ToString(), out var parsed) && parsed == record.Code);
                    codes++;
                }
            }
            Assert.InRange(codes, 0, message.Length / 4);
        });
    }

    private delegate int Encoder(Span<byte> request);

    private static string Encoded(Encoder encode)
    {
        byte[] request = new byte[UdsRequest.MaxBytes];
        return Convert.ToHexString(request, 0, encode(request));
    }
}
