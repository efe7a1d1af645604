using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

public sealed class DbcGrammarTests
{
    [Fact]
    public void A_message_and_its_signals_are_read()
    {
        var message = Assert.Single(DbcFile.Parse("""
            VERSION "1.2"
            NS_ :
                CM_
                BA_DEF_
            BS_: 500 : 1,2
            BU_: Engine Gateway
            BO_ 2147487969 Status: 8 Engine
             SG_ Speed : 7|16@0- (0.5,-10) [-1.5|1e3] "km/h" Gateway,Engine
             SG_ Gear : 16|4@1+ (1,0) [0|0] "" Vector__XXX
            """).Messages);
        Assert.Equal("Status", message.Name);
        Assert.Equal(CanId.Extended(0x10E1), message.Id);
        Assert.Equal(8, message.Length);
        Assert.Equal(["Engine"], message.Senders);

        Assert.True(message.TryGetSignal("Speed", out var speed));
        Assert.Equal((7, 16, ByteOrder.BigEndian, true), (speed.StartBit, speed.Length, speed.ByteOrder, speed.IsSigned));
        Assert.Equal((0.5, -10, -1.5, 1000), (speed.Scale, speed.Offset, speed.Minimum, speed.Maximum));
        Assert.Equal("km/h", speed.Unit);
        Assert.Equal(["Gateway", "Engine"], speed.Receivers);
        Assert.False(speed.IsInteger);

        Assert.True(message.TryGetSignal("Gear", out var gear));
        Assert.Equal((16, 4, ByteOrder.LittleEndian, false), (gear.StartBit, gear.Length, gear.ByteOrder, gear.IsSigned));
        Assert.Equal((null, null), (gear.Minimum, gear.Maximum));
        Assert.Null(gear.Unit);
        Assert.Empty(gear.Receivers);
        Assert.True(gear.IsInteger);
    }

    [Fact]
    public void Version_nodes_and_comments_are_read()
    {
        var database = DbcFile.Parse("""
            VERSION "1.2"
            BU_: A B
            BO_ 1 M: 1 A
             SG_ S : 0|8@1+ (1,0) [0|0] "" B
            EV_ Variable: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 A;
            CM_ "The \"main\" bus, ";
            CM_ "at 500 kbit/s";
            CM_ BU_ B "a node";
            CM_ BO_ 1 "a message
            in two lines";
            CM_ SG_ 1 S "a signal // not a comment";
            CM_ EV_ Variable "an environment variable";
            """.ReplaceLineEndings("\r\n"));
        Assert.Equal("1.2", database.Version);
        Assert.Equal("The \"main\" bus, at 500 kbit/s", database.Comment);
        Assert.Equal([new DbcNode("A", null), new DbcNode("B", "a node")], database.Nodes);
        Assert.Equal("a message\nin two lines", database.Messages[0].Comment);
        Assert.Equal("a signal // not a comment", database.Messages[0].Signals[0].Comment);
        Assert.Empty(database.Warnings);
    }

    [Fact]
    public void Statements_that_say_nothing_about_frames_are_read_over()
    {
        var database = DbcFile.Parse("""
            BU_: A B
            VAL_TABLE_ OnOff 1 "on" 0 "off" ;
            BO_ 1 M: 1 Vector__XXX
             SG_ S : 0|8@1+ (1,0) [0|0] "" Vector__XXX
            EV_ Variable: 0 [0|1] "" 0 1 DUMMY_NODE_VECTOR0 A,B;
            ENVVAR_DATA_ Variable: 5;
            SGTYPE_ T : 8@1+ (1,0) [0|0] "" 0 ;
            SIG_GROUP_ 1 Group 1 : S;
            CAT_DEF_ 1 C 2;
            CAT_ B 1;
            BA_DEF_ EV_ "E" STRING ;
            BA_ "E" EV_ Variable "text";
            BA_DEF_REL_ BU_SG_REL_ "R" INT 0 65535;
            BA_DEF_REL_ BU_BO_REL_ "Q" FLOAT 0 1;
            BA_DEF_REL_ BU_EV_REL_ "P" STRING ;
            BA_DEF_DEF_REL_ "R" 0;
            BA_REL_ "R" BU_SG_REL_ A SG_ 1 S 5;
            BA_REL_ "Q" BU_BO_REL_ A 1 0.5;
            BA_REL_ "P" BU_EV_REL_ A Variable "x";
            VAL_ Variable 0 "zero" ;
            // a comment at the end
            """);
        Assert.Equal("M", Assert.Single(database.Messages).Name);
        Assert.Empty(database.Warnings);
    }

    [Fact]
    public void Further_senders_follow_the_main_one()
    {
        var messages = DbcFile.Parse("""
            BU_: A B
            BO_ 1 First: 1 A
            BO_ 2 Second: 1 Vector__XXX
            BO_TX_BU_ 1 : B,A;
            """).Messages;
        Assert.Equal(["A", "B"], messages[0].Senders);
        Assert.Empty(messages[1].Senders);
    }

    [Fact]
    public void Labels_are_found_by_raw_value_even_negative_and_beyond_64_bits_signed()
    {
        var signals = DbcFile.Parse("""
            BO_ 1 M: 16 Vector__XXX
             SG_ Signed : 0|8@1- (10,5) [0|0] "" Vector__XXX
             SG_ Wide : 64|64@1+ (1,0) [0|0] "" Vector__XXX
            VAL_ 1 Signed 1 "one" -5 "minus \"five\"" 1 "uno" ;
            VAL_ 1 Wide 18446744073709551615 "invalid" ;
            """).Messages[0].Signals;
        Assert.True(signals[0].TryGetLabel(-5, out var text));
        Assert.Equal("minus \"five\"", text);
        Assert.True(signals[0].TryGetLabel(1, out text));
        Assert.Equal("uno", text);
        Assert.False(signals[0].TryGetLabel(2, out _));
        Assert.True(signals[1].TryGetLabel(new SignalValue(0, ulong.MaxValue, 0), out text));
        Assert.Equal("invalid", text);
        Assert.False(signals[1].TryGetLabel(-1, out _));
    }

    [Fact]
    public void Long_names_replace_short_ones_everywhere()
    {
        var database = DbcFile.Parse("""
            BU_: N1
            BO_ 1 M1: 1 N1
             SG_ S1 M : 0|4@1+ (1,0) [0|0] "" N1
             SG_ S2 m3 : 4|4@1+ (1,0) [0|0] "" N1
            VAL_ 1 S2 1 "one" ;
            BA_DEF_ BU_ "SystemNodeLongSymbol" STRING ;
            BA_DEF_ BO_ "SystemMessageLongSymbol" STRING ;
            BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
            BA_ "SystemNodeLongSymbol" BU_ N1 "A_long_node";
            BA_ "SystemMessageLongSymbol" BO_ 1 "A_long_message";
            BA_ "SystemSignalLongSymbol" SG_ 1 S1 "A_long_multiplexer";
            BA_ "SystemSignalLongSymbol" SG_ 1 S2 "A_long_signal";
            """);
        var message = database.Messages[0];
        Assert.Equal("A_long_node", database.Nodes[0].Name);
        Assert.Equal("A_long_message", message.Name);
        Assert.Equal(["A_long_node"], message.Senders);
        Assert.Equal(["A_long_multiplexer", "A_long_signal"], message.Signals.Select(signal => signal.Name));
        Assert.Equal(["A_long_node"], message.Signals[1].Receivers);
        Assert.Equal("A_long_multiplexer", message.Signals[1].Multiplexing?.Multiplexer);
        Assert.Single(message.Signals[1].Labels);
    }

    [Fact]
    public void A_cycle_time_is_the_messages_own_or_the_default_and_zero_is_none()
    {
        var messages = DbcFile.Parse("""
            BO_ 1 Own: 1 Vector__XXX
            BO_ 2 Default: 1 Vector__XXX
            BO_ 3 Zero: 1 Vector__XXX
            BO_ 4 Negative: 1 Vector__XXX
            BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
            BA_DEF_DEF_ "GenMsgCycleTime" 100;
            BA_ "GenMsgCycleTime" BO_ 1 20.9;
            BA_ "GenMsgCycleTime" BO_ 3 0;
            BA_ "GenMsgCycleTime" BO_ 4 -5;
            """).Messages;
        Assert.Equal([TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), null, null], messages.Select(message => message.CycleTime));
    }

    [Theory]
    [InlineData("""ENUM "StandardCAN","J1939PG","StandardCAN_FD";""", "1", "2")]
    [InlineData("INT 0 15;", "3", "14")]
    public void The_frame_format_tells_J1939_and_FD(string definition, string j1939, string fd)
    {
        var messages = DbcFile.Parse($"""
            BO_ 1 Plain: 8 Vector__XXX
            BO_ 2 Parameters: 8 Vector__XXX
            BO_ 3 Fast: 64 Vector__XXX
            BA_DEF_ BO_ "VFrameFormat" {definition}
            BA_ "VFrameFormat" BO_ 2 {j1939};
            BA_ "VFrameFormat" BO_ 3 {fd};
            """).Messages;
        Assert.Equal([false, true, false], messages.Select(message => message.IsJ1939));
        Assert.Equal([false, false, true], messages.Select(message => message.IsFd));
    }

    [Fact]
    public void A_suspect_parameter_number_is_read()
    {
        var signal = DbcFile.Parse("""
            BO_ 1 M: 1 Vector__XXX
             SG_ S : 0|8@1+ (1,0) [0|0] "" Vector__XXX
            BA_DEF_ SG_ "SPN" INT 0 524287;
            BA_ "SPN" SG_ 1 S 190;
            """).Messages[0].Signals[0];
        Assert.Equal(190, signal.SuspectParameterNumber);
    }

    [Fact]
    public void A_message_with_one_multiplexer_needs_no_ranges_and_adds_those_it_has()
    {
        var signals = DbcFile.Parse("""
            BO_ 1 M: 8 Vector__XXX
             SG_ Selector M : 0|8@1+ (1,0) [0|0] "" Vector__XXX
             SG_ A m2 : 8|8@1+ (1,0) [0|0] "" Vector__XXX
             SG_ B m0 : 16|8@1+ (1,0) [0|0] "" Vector__XXX
            SG_MUL_VAL_ 1 B Selector 0-0, 5-7, 6-9, 10-10;
            """).Messages[0].Signals;
        Assert.True(signals[0].IsMultiplexer);
        Assert.Null(signals[0].Multiplexing);
        Assert.Equal([new DbcMultiplexerRange(2, 2)], signals[1].Multiplexing!.Ranges);
        Assert.Equal([new DbcMultiplexerRange(0, 0), new DbcMultiplexerRange(5, 10)], signals[2].Multiplexing!.Ranges);
    }

    [Theory]
    [InlineData("NS_ : CM_ VERSION BU_ \"x\" BO_ SG_\nBS_:\n")]
    [InlineData("NS_ :\n")]
    [InlineData("NS_: BA_DEF_ BU_: A\n")]
    public void The_list_of_symbols_ends_where_a_statement_begins(string symbols) =>
        Assert.Equal("M", Assert.Single(DbcFile.Parse(symbols + "BO_ 1 M: 8 A").Messages).Name);

    [Fact]
    public void Bytes_are_UTF_8_if_they_can_be_and_Windows_1252_otherwise()
    {
        const string text = """
            BO_ 1 M: 1 Vector__XXX
             SG_ S : 0|8@1+ (1,0) [0|0] "°€" Vector__XXX
            """;
        byte[] utf8 = [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(text)];
        byte[] windows = [.. text.Select(character => character == '€' ? (byte)0x80 : (byte)character)];
        Assert.Equal("°€", DbcFile.Parse(utf8).Messages[0].Signals[0].Unit);
        Assert.Equal("°€", DbcFile.Parse(windows).Messages[0].Signals[0].Unit);
        Assert.Equal("°€", DbcFile.Parse([0xEF, 0xBB, 0xBF, .. windows]).Messages[0].Signals[0].Unit);
        Assert.Equal("Â°â‚¬", DbcFile.Parse(utf8.AsSpan(3), encoding: DbcEncoding.Windows1252).Messages[0].Signals[0].Unit);
    }
}
