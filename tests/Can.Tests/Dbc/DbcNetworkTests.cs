using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

/// <summary>What a file says beside messages and signals.</summary>
public sealed class DbcNetworkTests
{
    private static readonly DbcDatabase Database = DbcFile.Parse("""
        BU_: A B
        VAL_TABLE_ OnOff 1 "on" 0 "off" ;
        BO_ 100 M: 8 A
         SG_ S : 0|8@1+ (1,0) [0|0] "" B
         SG_ T : 8|8@1+ (1,0) [0|0] "" B
        BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
         SG_ Lost : 0|8@1- (0.5,0) [0|0] "V" Vector__XXX
        EV_ Lamp: 0 [0|1] "" 1 7 DUMMY_NODE_VECTOR2 A,B;
        EV_ Level: 1 [-0.5|99.5] "%" 12.5 8 DUMMY_NODE_VECTOR0 Vector__XXX;
        EV_ Name: 0 [0|0] "" 0 9 DUMMY_NODE_VECTOR8001 A;
        EV_ Block: 0 [0|0] "" 0 10 DUMMY_NODE_VECTOR0 A;
        ENVVAR_DATA_ Block: 12;
        CM_ EV_ Lamp "a lamp";
        VAL_ Lamp 1 "lit" 0 "dark" ;
        SIG_GROUP_ 100 Both 2 : S T;
        BA_DEF_ "DBName" STRING ;
        BA_DEF_ BU_ "Station" HEX 0 255;
        BA_DEF_ BO_ "GenMsgSendType" ENUM "cyclic","spontaneous";
        BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
        BA_DEF_ SG_ "GenSigStartValue" FLOAT 0 1e9;
        BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;
        BA_DEF_ EV_ "SystemEnvVarLongSymbol" STRING ;
        BA_DEF_REL_ BU_SG_REL_ "Timeout" INT 0 65535;
        BA_DEF_REL_ BU_BO_REL_ "Share" FLOAT 0 1;
        BA_DEF_REL_ BU_EV_REL_ "Use" STRING ;
        BA_DEF_DEF_ "GenMsgSendType" "spontaneous";
        BA_DEF_DEF_ "Station" 5;
        BA_DEF_DEF_REL_ "Timeout" 100;
        BA_ "DBName" "Body";
        BA_ "Station" BU_ B 17.9;
        BA_ "GenMsgSendType" BO_ 100 0;
        BA_ "GenMsgCycleTime" BO_ 100 7;
        BA_ "GenMsgCycleTime" BO_ 100 20;
        BA_ "GenSigStartValue" SG_ 100 S 3.5;
        BA_ "SystemSignalLongSymbol" SG_ 100 S "S_with_a_long_name";
        BA_ "SystemEnvVarLongSymbol" EV_ Lamp "Lamp_with_a_long_name";
        BA_REL_ "Timeout" BU_SG_REL_ B SG_ 100 S 250;
        BA_REL_ "Share" BU_BO_REL_ A 100 0.25;
        BA_REL_ "Use" BU_EV_REL_ A Lamp "often";
        """);

    [Fact]
    public void The_file_has_nothing_doubtful() => Assert.Empty(Database.Warnings);

    [Fact]
    public void Value_tables_are_kept_by_name() =>
        Assert.Equal([("OnOff", "1=on 0=off")], Database.ValueTables.Select(table => (table.Name, Text(table.Labels))));

    [Fact]
    public void Signals_of_no_message_are_kept_apart()
    {
        var lost = Assert.Single(Database.UnassignedSignals);
        Assert.Equal(("Lost", 0.5, "V", true), (lost.Name, lost.Scale, lost.Unit, lost.IsSigned));
        Assert.Equal("M", Assert.Single(Database.Messages).Name);
    }

    [Fact]
    public void Environment_variables_have_types_ranges_access_and_labels()
    {
        var variables = Database.EnvironmentVariables;
        Assert.Equal(["Lamp_with_a_long_name", "Level", "Name", "Block"], variables.Select(variable => variable.Name));
        Assert.Equal(
            [DbcEnvironmentVariableType.WholeNumber, DbcEnvironmentVariableType.RealNumber, DbcEnvironmentVariableType.Text, DbcEnvironmentVariableType.Data],
            variables.Select(variable => variable.Type));
        Assert.Equal((-0.5, 99.5, 12.5, "%", 8u), (variables[1].Minimum, variables[1].Maximum, variables[1].Initial, variables[1].Unit, variables[1].Id));
        Assert.Equal(("a lamp", "1=lit 0=dark", "DUMMY_NODE_VECTOR2"), (variables[0].Comment, Text(variables[0].Labels), variables[0].AccessType));
        Assert.Equal(["A", "B"], variables[0].AccessNodes);
        Assert.Empty(variables[1].AccessNodes);
        Assert.Equal([null, null, null, 12], variables.Select(variable => variable.DataLength));
    }

    [Fact]
    public void Attributes_have_definitions_defaults_and_own_values_of_which_the_last_counts()
    {
        Assert.Equal("DBName=Body", Text(Database.Attributes));
        Assert.Equal(["", "Station=17.9"], Database.Nodes.Select(node => Text(node.Attributes)));
        Assert.Equal((17d, (Int128?)17), (Database.Nodes[1].Attributes[0].Value.Number, Database.Nodes[1].Attributes[0].Value.Whole));
        var message = Database.Messages[0];
        Assert.Equal("GenMsgSendType=cyclic GenMsgCycleTime=20", Text(message.Attributes));
        Assert.Equal(("cyclic", TimeSpan.FromMilliseconds(20)), (message.SendType, message.CycleTime));
        Assert.Equal((3.5, "GenSigStartValue=3.5 SystemSignalLongSymbol=S_with_a_long_name"), (message.Signals[0].Initial, Text(message.Signals[0].Attributes)));
        Assert.Equal(
            [
                "DBName Network Text ", "Station Node Hexadecimal 0..255=5", "GenMsgSendType Message Enumeration cyclic|spontaneous=spontaneous",
                "GenMsgCycleTime Message WholeNumber 0..65535", "GenSigStartValue Signal RealNumber 0..1000000000", "SystemSignalLongSymbol Signal Text ",
                "SystemEnvVarLongSymbol EnvironmentVariable Text ", "Timeout NodeAndSignal WholeNumber 0..65535=100", "Share NodeAndMessage RealNumber 0..1",
                "Use NodeAndEnvironmentVariable Text ",
            ],
            Database.AttributeDefinitions.Select(definition =>
                $"{definition.Name} {definition.Owner} {definition.Type} {string.Join('|', definition.Choices)}"
                + $"{(definition.Minimum is { } least ? $"{least}..{definition.Maximum}" : "")}{(definition.Default is { } value ? $"={value.Text}" : "")}"));
    }

    [Fact]
    public void Relations_name_the_node_and_what_it_is_related_to() => Assert.Equal(
        ["Timeout B 064 S_with_a_long_name 250", "Share A 064  0.25", "Use A  Lamp_with_a_long_name often"],
        Database.RelationAttributes.Select(relation => $"{relation.Definition.Name} {relation.Node} {relation.MessageId} {relation.Name} {relation.Value.Text}"));

    [Fact]
    public void Signal_groups_have_long_names()
    {
        var group = Assert.Single(Database.Messages[0].SignalGroups);
        Assert.Equal(("Both", 2), (group.Name, group.Repetitions));
        Assert.Equal(["S_with_a_long_name", "T"], group.Signals);
    }

    [Fact]
    public void Limits_beyond_2_to_the_53_are_exact()
    {
        var signal = DbcFile.Parse("BO_ 1 M: 8 A\n SG_ S : 0|64@1+ (1,9007199254740993) [0|18446744073709551615] \"\" A").Messages[0].Signals[0];
        Assert.Equal(((Int128)ulong.MaxValue, (Int128)9007199254740993), (signal.MaximumNumber!.Value.Whole!.Value, signal.OffsetNumber.Whole!.Value));
    }

    private static string Text(IEnumerable<DbcLabel> labels) => string.Join(' ', labels.Select(label => $"{label.Raw}={label.Text}"));

    private static string Text(IEnumerable<DbcAttribute> attributes) => string.Join(' ', attributes.Select(attribute => $"{attribute.Name}={attribute.Value.Text}"));
}
