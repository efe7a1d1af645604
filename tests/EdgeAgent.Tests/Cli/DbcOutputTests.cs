using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Cli;

namespace EdgeAgent.Tests.Cli;

public sealed class DbcOutputTests
{
    private const string Text = """
        VERSION "7"
        BU_: A B
        VAL_TABLE_ OnOff 1 "on" 0 "off" ;
        BO_ 1 M: 8 A
         SG_ S : 0|64@1+ (1,0) [0|18446744073709551615] "V" B
        EV_ Lamp: 0 [0|1] "" 1 7 DUMMY_NODE_VECTOR2 A;
        SIG_GROUP_ 1 G 1 : S;
        BA_DEF_ BO_ "GenMsgCycleTime" FLOAT 0 65535;
        BA_DEF_ BO_ "GenMsgSendType" ENUM "cyclic","event";
        BA_DEF_REL_ BU_BO_REL_ "Share" FLOAT 0 1;
        BA_ "GenMsgCycleTime" BO_ 1 2.5;
        BA_ "GenMsgSendType" BO_ 1 1;
        BA_REL_ "Share" BU_BO_REL_ B 1 0.25;
        VAL_ 1 S 0 "none" 0 "nothing" ;
        """;

    private static readonly DbcDatabase Database = DbcFile.Parse(Text, "some.dbc");

    [Fact]
    public void A_message_has_all_of_its_members_and_whole_numbers_all_of_their_digits() => AssertJson("""
        {"message":"M","id":1,"extended":false,"length":8,"senders":["A"],
         "signals":[{"name":"S","start":0,"length":64,"byteOrder":"little","signed":false,"float":false,"scale":1,"offset":0,"minimum":0,
          "maximum":18446744073709551615,"unit":"V","multiplexer":false,"multiplexedBy":null,"labels":{"0":"nothing"},"comment":null,"receivers":["B"],
          "initial":null,"spn":null,"attributes":{}}],
         "comment":null,"cycleTimeMs":2.5,"sendType":"event","j1939":false,"fd":false,
         "signalGroups":[{"name":"G","repetitions":1,"signals":["S"]}],"attributes":{"GenMsgCycleTime":2.5,"GenMsgSendType":1}}
        """, output => DbcJson.Write(Database, output));

    [Fact]
    public void The_network_is_one_object() => AssertJson("""
        {"version":"7","comment":null,"nodes":[{"name":"A","comment":null,"attributes":{}},{"name":"B","comment":null,"attributes":{}}],
         "valueTables":[{"name":"OnOff","labels":{"1":"on","0":"off"}}],
         "environmentVariables":[{"name":"Lamp","type":"wholeNumber","minimum":0,"maximum":1,"unit":null,"initial":1,"id":7,"accessType":"DUMMY_NODE_VECTOR2",
          "accessNodes":["A"],"dataLength":null,"labels":{},"comment":null,"attributes":{}}],
         "unassignedSignals":[],
         "attributeDefinitions":[
          {"name":"GenMsgCycleTime","owner":"message","type":"realNumber","minimum":0,"maximum":65535,"choices":[],"default":null},
          {"name":"GenMsgSendType","owner":"message","type":"enumeration","minimum":null,"maximum":null,"choices":["cyclic","event"],"default":null},
          {"name":"Share","owner":"nodeAndMessage","type":"realNumber","minimum":0,"maximum":1,"choices":[],"default":null}],
         "attributes":{},
         "relationAttributes":[{"attribute":"Share","node":"B","id":1,"extended":false,"name":null,"value":0.25}]}
        """, output => DbcNetworkJson.Write(Database, output));

    [Fact]
    public void For_people_the_network_comes_first() => Assert.Equal("""
        version 7
        node A
        node B
        table OnOff: 1=on, 0=off
        variable Lamp: whole number [0..1], at first 1
        attribute GenMsgCycleTime of a message: real number [0..65535]
        attribute GenMsgSendType of a message: enumeration cyclic | event
        attribute Share of a node and message: real number [0..1]
        node B with 001: Share=0.25

        001 M: 8 bytes, every 2.5 ms, event, from A
            GenMsgCycleTime=2.5 GenMsgSendType=event
            group G: S
          S  0|64 little unsigned [0..1.8446744073709552E+19] V  0=none, 0=nothing  to B


        """, Written(output => DbcTable.Write(Database, output, messages: true)));

    [Fact]
    public void Of_signals_with_one_name_an_object_has_the_first()
    {
        var plan = DecodePlan.Compile(DbcFile.Parse("BO_ 1 M: 2 A\n SG_ S : 8|8@1+ (1,0) [0|0] \"\" A\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" A\nVAL_ 1 S 5 \"five\" ;"));
        var values = new SignalValue[2];
        Assert.Equal(DecodeStatus.Decoded, plan.Decode(CanId.Standard(1), [5, 6], values, out int count));
        string line = Written(output =>
        {
            using var writer = new JsonFrameWriter(output, plan);
            writer.Write(0, "can0", CanId.Standard(1), plan.Signals[0].Message, values.AsSpan(0, count), truncated: false);
            writer.Flush();
        });
        Assert.Contains("""
            "signals":{"S":5},"labels":{"S":"five"}}
            """, line, StringComparison.Ordinal);
    }

    private static void AssertJson(string expected, Action<Stream> write) =>
        Assert.Equal(string.Concat(expected.Split('\n').Select(line => line.Trim())), Written(write).TrimEnd('\n'));

    private static string Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
