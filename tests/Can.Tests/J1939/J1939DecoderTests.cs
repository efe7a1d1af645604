using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class J1939DecoderTests
{
    // 0x8CF00401: EEC1 of engine 1; 0x8CF00400 of engine 2. 0x98FEE0FE: vehicle distance. 0x98EF21FE: proprietary A. 0x98FEECFE: 20 bytes of text.
    private const string Dbc = """
        BO_ 2364539904 EEC1: 8 Vector__XXX
         SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] "rpm" Vector__XXX
         SG_ TorqueMode : 0|4@1+ (1,0) [0|15] "" Vector__XXX
         SG_ Switch : 4|2@1+ (1,0) [0|3] "" Vector__XXX
        BO_ 2364539905 EEC1_Second: 8 Vector__XXX
         SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] "rpm" Vector__XXX
        BO_ 2566840574 VD: 8 Vector__XXX
         SG_ Total : 32|32@1+ (0.125,0) [0|526385151.9] "km" Vector__XXX
        BO_ 2565808638 PropA: 8 Vector__XXX
         SG_ A : 0|8@1+ (1,0) [0|255] "" Vector__XXX
        BO_ 2566843646 VI: 20 Vector__XXX
         SG_ First : 0|8@1+ (1,0) [0|255] "" Vector__XXX
         SG_ Last : 152|8@1+ (1,0) [0|255] "" Vector__XXX
        BO_ 2147483904 Plain: 8 Vector__XXX
         SG_ P : 0|8@1+ (1,0) [0|255] "" Vector__XXX
        BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
        BA_DEF_DEF_ "VFrameFormat" "J1939PG";
        BA_ "VFrameFormat" BO_ 2147483904 1;
        """;

    private readonly DecodePlan _plan = DecodePlan.Compile(DbcFile.Parse(Dbc));

    [Theory]
    [InlineData(0x0CF00400, "EEC1")]
    [InlineData(0x0CF00401, "EEC1_Second")]
    [InlineData(0x18F00401, "EEC1_Second")] // the priority does not count, the source does if some message has it
    [InlineData(0x18F00400, "EEC1")]
    [InlineData(0x0CF00427, "EEC1")] // nobody's: the first of the group
    [InlineData(0x18FEE031, "VD")]
    [InlineData(0x1CEF0B17, "PropA")] // neither the destination
    [InlineData(0x18FEECFF, "VI")]
    [InlineData(0x00000100, "Plain")]
    [InlineData(0x00000101, null)] // no J1939 message: its very identifier alone
    [InlineData(0x18F00500, null)]
    [InlineData(0x19F00400, null)] // another data page is another group
    public void A_J1939_message_is_found_by_its_group_whoever_sends_it(uint identifier, string? message)
    {
        Assert.Equal(message, _plan.TryGetMessage(CanId.Extended(identifier), out var found) ? found.Name : null);
        bool is11Bits = _plan.TryGetMessage(CanId.Standard(identifier & CanId.MaxStandard), out _);
        Assert.False(is11Bits);
    }

    [Fact]
    public void A_file_without_frame_formats_says_by_its_protocol_that_it_is_J1939()
    {
        foreach (string protocol in (string[])["BA_DEF_DEF_ \"ProtocolType\" \"J1939\";", "BA_DEF_DEF_ \"ProtocolType\" \"CAN\";\nBA_ \"ProtocolType\" \"J1939\";"])
        {
            var database = DbcFile.Parse($"""
                BO_ 2364539904 EEC1: 8 Vector__XXX
                BO_ 100 Standard: 8 Vector__XXX
                BA_DEF_ "ProtocolType" STRING;
                {protocol}
                """);
            Assert.Equal([true, false], database.Messages.Select(message => message.IsJ1939));
        }
        Assert.False(DbcFile.Parse("BO_ 2364539904 EEC1: 8 Vector__XXX\nBA_DEF_ \"ProtocolType\" STRING;\nBA_DEF_DEF_ \"ProtocolType\" \"GMLAN\";").Messages[0].IsJ1939);
    }

    [Fact]
    public void The_kernel_lets_groups_through_by_mask_and_what_carries_them()
    {
        var filter = J1939Decoder.FilterOf(_plan);
        Assert.Equal(7, filter.Count); // EEC1 twice is one
        foreach (uint passing in (uint[])[0x0CF00427, 0x18FEE031, 0x1CEF0B17, 0x18FEECFF, 0x100, 0x1CECFF05, 0x1CEB0005]) Assert.True(Passes(passing), $"{passing:X8}");
        foreach (uint blocked in (uint[])[0x0CF00527, 0x19F00427, 0x101, 0x18EAFF00]) Assert.False(Passes(blocked), $"{blocked:X8}");

        bool Passes(uint id) => filter.Any(ids => ids.Id.IsExtended && (id & ids.Mask) == (ids.Id.Value & ids.Mask));
    }

    [Fact]
    public void Indications_are_left_out_where_numbers_are_wanted()
    {
        Assert.Equal("EngineSpeed=0x1450 TorqueMode=0x1 Switch=0x1", Decode(0x0CF00400, "11FFFF5014FFFFFF", numbersOnly: true));
        Assert.Equal("EngineSpeed=0xFAFF TorqueMode=0xE Switch=0x0", Decode(0x0CF00400, "0EFFFFFFFAFFFFFF", numbersOnly: true));
        Assert.Equal("TorqueMode=0x1 Switch=0x0", Decode(0x0CF00427, "01FFFF00FBFFFFFF", numbersOnly: true));
        Assert.Equal("", Decode(0x0CF00400, "FFFFFFFFFFFFFFFF", numbersOnly: true));
        Assert.Equal("EngineSpeed=0xFFFF TorqueMode=0xF Switch=0x3", Decode(0x0CF00400, "FFFFFFFFFFFFFFFF", numbersOnly: false));
        Assert.Equal("P=0xFF", Decode(0x100, "FFFFFFFFFFFFFFFF", numbersOnly: true)); // no J1939 message
        Assert.Equal("Total=0x685CB0", Decode(0x18FEE000, "FFFFFFFFB05C6800", numbersOnly: true));
    }

    [Fact]
    public void A_message_of_several_frames_is_decoded_with_the_last_of_them()
    {
        var decoder = new J1939Decoder(_plan, numbersOnly: true);
        var values = new SignalValue[_plan.MaxSignalsPerFrame];
        Assert.Equal((DecodeStatus.Part, 0), Next("1CECFF05", "20140003FFECFE00"));
        Assert.Equal((DecodeStatus.Part, 0), Next("1CEBFF05", "0101020304050607"));
        Assert.Equal((DecodeStatus.Decoded, 3), Next("0CF00400", "11FFFF5014FFFFFF"));
        Assert.Equal((DecodeStatus.Part, 0), Next("1CEBFF05", "0208090A0B0C0D0E"));
        Assert.Equal((DecodeStatus.Decoded, 2), Next("1CEBFF05", "030F101112131477"));
        Assert.Equal((1.0, 0x14 * 1.0), (values[0].Value, values[1].Value));
        // One shorter than its DBC message says so.
        Assert.Equal((DecodeStatus.Part, 0), Next("1CECFF05", "20130003FFECFE00"));
        Next("1CEBFF05", "0101020304050607");
        Next("1CEBFF05", "0208090A0B0C0D0E");
        Assert.Equal((DecodeStatus.Truncated, 1), Next("1CEBFF05", "030F1011121377FF"));

        (DecodeStatus, int) Next(string id, string data)
        {
            var status = decoder.Decode(Frame(Convert.ToUInt32(id, 16), data), TimeSpan.Zero, values, out int count, out var of);
            if (status is DecodeStatus.Decoded or DecodeStatus.Truncated && id.StartsWith("1CEB", StringComparison.Ordinal)) Assert.Equal("1CFEEC05", of.ToString());
            return (status, count);
        }
    }

    [Fact]
    public void What_only_looks_like_transport_is_what_the_DBC_file_says()
    {
        const string looksLikeIt = """
            BO_ 2565603328 Odd: 8 Vector__XXX
             SG_ A : 0|8@1+ (1,0) [0|0] "" Vector__XXX
            BO_ 2565537792 OddData: 8 Vector__XXX
             SG_ A : 0|8@1+ (1,0) [0|0] "" Vector__XXX
            """;
        foreach (string dbc in (string[])[looksLikeIt, looksLikeIt + "\nBA_DEF_ \"ProtocolType\" STRING;\nBA_DEF_DEF_ \"ProtocolType\" \"J1939\";"])
        {
            var decoder = new J1939Decoder(DecodePlan.Compile(DbcFile.Parse(dbc)), numbersOnly: false);
            var values = new SignalValue[1];
            foreach (var frame in (CanFrame[])[Frame(0x18EC0000, "10090002FFCAFE00"), Frame(0x18EB0000, "0101010101010101"), Frame(0x18EB0000, "02010101FFFFFFFF")])
            {
                Assert.Equal(DecodeStatus.Decoded, decoder.Decode(frame, TimeSpan.Zero, values, out int count, out var id));
                Assert.Equal((1, frame.Id, (double)frame.Payload[0]), (count, id, values[0].Value));
            }
        }
    }

    [Fact]
    public void Decoding_allocates_nothing_once_there_were_as_many_messages_at_a_time()
    {
        var decoder = new J1939Decoder(_plan, numbersOnly: true);
        var values = new SignalValue[_plan.MaxSignalsPerFrame];
        CanFrame[] frames =
        [
            .. Enumerable.Range(0, 20).Select(source => Frame(0x1CECFF00 + (uint)source, "20140003FFECFE00")),
            .. Enumerable.Range(1, 3).SelectMany(packet => Enumerable.Range(0, 20).Select(source => Frame(0x1CEBFF00 + (uint)source, $"{packet:X2}01020304050607"))),
            Frame(0x0CF00427, "11FFFF5014FFFFFF"),
        ];
        int complete = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            foreach (ref readonly var frame in frames.AsSpan())
            {
                if (decoder.Decode(frame, TimeSpan.Zero, values, out _, out _) == DecodeStatus.Decoded) complete++;
            }
        }));
        Assert.Equal(0, complete % 21);
        Assert.InRange(complete, 21, int.MaxValue);
    }

    [Theory]
    [InlineData("0|1@1+", 1, J1939ValueKind.Number)]
    [InlineData("0|2@1+", 1, J1939ValueKind.Number)]
    [InlineData("0|2@1+", 2, J1939ValueKind.Error)]
    [InlineData("0|2@1+", 3, J1939ValueKind.NotAvailable)]
    [InlineData("0|3@1+", 6, J1939ValueKind.Number)]
    [InlineData("0|4@1+", 14, J1939ValueKind.Number)]
    [InlineData("0|4@1+", 15, J1939ValueKind.NotAvailable)]
    [InlineData("0|8@1+", 0xFA, J1939ValueKind.Number)]
    [InlineData("0|8@1+", 0xFB, J1939ValueKind.ParameterSpecific)]
    [InlineData("0|8@1+", 0xFC, J1939ValueKind.Reserved)]
    [InlineData("0|8@1+", 0xFD, J1939ValueKind.Reserved)]
    [InlineData("0|8@1+", 0xFE, J1939ValueKind.Error)]
    [InlineData("0|8@1+", 0xFF, J1939ValueKind.NotAvailable)]
    [InlineData("0|12@1+", 0xFAF, J1939ValueKind.Number)]
    [InlineData("0|12@1+", 0xFE0, J1939ValueKind.Error)]
    [InlineData("0|16@1+", 0xFAFF, J1939ValueKind.Number)]
    [InlineData("0|16@1+", 0xFB00, J1939ValueKind.ParameterSpecific)]
    [InlineData("0|16@1+", 0xFEFF, J1939ValueKind.Error)]
    [InlineData("0|16@1+", 0xFF00, J1939ValueKind.NotAvailable)]
    [InlineData("0|32@1+", 0xFAFFFFFF, J1939ValueKind.Number)]
    [InlineData("0|32@1+", 0xFB000000, J1939ValueKind.ParameterSpecific)]
    [InlineData("0|32@1+", 0xFFFFFFFF, J1939ValueKind.NotAvailable)]
    [InlineData("0|64@1+", ulong.MaxValue - 1, J1939ValueKind.Number)]
    [InlineData("0|64@1+", ulong.MaxValue, J1939ValueKind.NotAvailable)]
    [InlineData("0|8@1-", ulong.MaxValue, J1939ValueKind.Number)]
    public void The_first_bits_tell_numbers_from_indications(string layout, ulong raw, J1939ValueKind kind)
    {
        var signal = DbcFile.Parse($"BO_ 1 M: 8 Vector__XXX\n SG_ S : {layout} (1,0) [0|0] \"\" Vector__XXX").Messages[0].Signals[0];
        Assert.Equal(kind, J1939Value.KindOf(signal, raw));
    }

    private string Decode(uint identifier, string data, bool numbersOnly)
    {
        var values = new SignalValue[_plan.MaxSignalsPerFrame];
        var decoder = new J1939Decoder(_plan, numbersOnly);
        decoder.Decode(Frame(identifier, data), TimeSpan.Zero, values, out int count, out _);
        var named = values[..count].Select(value => (_plan.Signals[value.Slot].Signal, value.Raw)).ToArray();
        return string.Join(' ', named.OrderBy(value => -value.Signal.Length).Select(value => $"{value.Signal.Name}=0x{value.Raw:X}"));
    }

    private static CanFrame Frame(uint identifier, string data) => CanFrame.Data(CanId.Extended(identifier), Convert.FromHexString(data));
}
