using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

public sealed class DbcErrorTests
{
    private const string Signal = " SG_ S : 0|8@1+ (1,0) [0|0] \"\" Vector__XXX\n";

    [Theory]
    [InlineData("", "1:1: expected a statement such as VERSION or BO_, found the end of the file")]
    [InlineData("hello", "1:1: expected a statement such as BO_, CM_ or VAL_, found 'hello'")]
    [InlineData("VERSION \"1\"\nVERSION 2", "2:9: expected the version in quotes, found '2'")]
    [InlineData("VERSION \"1", "1:9: the string that starts here has no end")]
    [InlineData("BO_ 1 M: 8 A\n #", "2:2: unexpected character '#'")]
    [InlineData("BO_ 1 2M: 8 A", "1:7: expected the message's name, found '2'")]
    [InlineData("BO_ 1 M 8 A", "1:9: expected ':' after the message's name, found '8'")]
    [InlineData("BO_ 1 M: 1786 A", "1:10: expected the message's length in bytes, which is a whole number from 0 to 1785, found '1786'")]
    [InlineData("BO_ 1 M: 8", "1:11: expected the message's sender, found the end of the file")]
    [InlineData("BO_ 4294967296 M: 8 A", "1:5: expected a message's id, which is a whole number from 0 to 4294967295, found '4294967296'")]
    [InlineData("BO_ 2048 M: 8 A", "1:5: the id 0x800 of message M has more than 11 bits; if it is a 29-bit id, bit 31 must be set: 2147485696")]
    [InlineData("BO_ 3221225473 M: 8 A", "1:5: the id 0x40000001 of message M has more than 29 bits")]
    [InlineData("SG_ S : 0|8@1+ (1,0) [0|0] \"\" A", "1:1: expected a statement; a signal belongs below its message (BO_), found 'SG_'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S @ 0|8", "2:8: expected ':' after the signal's name, found '@'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|0@1+ (1,0) [0|0] \"\" A", "2:12: the signal S is 0 bits long")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : -1|8@1+", "2:10: expected the signal's start bit, which is a whole number from 0 to 14279, found '-1'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@2+", "2:14: the byte order is 0 (big-endian) or 1 (little-endian), not 2")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@1 (", "2:16: expected '+' (unsigned) or '-' (signed) after the byte order, found '('")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1;0)", "2:19: expected ',' after the scale, found ';'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] km A", "2:29: expected the unit in quotes, found 'km'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] \"\"\nBO_", "3:1: expected a receiver's name, found 'BO_'")]
    [InlineData("BO_ 1 M: 8 A\n SG_ X M : 0|8@1+ (1,0) [0|0] \"\" A\n SG_ Y x : 0|8@1+ (1,0) [0|0] \"\" A",
        "3:8: expected ':' or a multiplexer indicator (M, m0, m0M) after the signal's name, found 'x'")]
    [InlineData("CM_ \"one\"\r\nBO_ 1 M: 8 A", "2:1: expected ';' after the comment, found 'BO_'")]
    [InlineData("NS_ :\n CM_\n", "3:1: expected BS_ after the list of symbols, found the end of the file")]
    [InlineData("VAL_ 1 S 1.5 \"x\" ;", "1:10: expected a whole number for the label, found '1.5'")]
    [InlineData("VAL_ 1 S 1 x ;", "1:12: expected the label in quotes, found 'x'")]
    [InlineData("BA_ \"Nothing\" 1;", "1:15: the attribute \"Nothing\" is not defined")]
    [InlineData("BA_ \"A\" \"text\";\nBA_DEF_ \"A\" INT 0 1;", "1:9: expected a number, as the attribute \"A\" is of type INT, found \"text\"")]
    [InlineData("BA_REL_ \"R\" BO_", "1:13: expected BU_SG_REL_, BU_BO_REL_ or BU_EV_REL_, found 'BO_'")]
    [InlineData("SG_MUL_VAL_ 1 S M 1-x;", "1:21: expected the last multiplexer value, found 'x'")]
    [InlineData("SG_MUL_VAL_ 1 S M 1 2;", "1:21: expected '-' and the last multiplexer value, found '2'")]
    [InlineData("CAT_ 1 2 3", "1:11: expected ';' at the end of the statement, found the end of the file")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|24@1+ (1,0) [0|0] \"\" A\nSIG_VALTYPE_ 1 S : 1;", "3:20: signal S of 24 bits cannot be a float, which has 16, 32 or 64 bits")]
    public void A_mistake_is_named_with_its_place(string text, string expected)
    {
        var exception = Assert.Throws<DbcException>(() => DbcFile.Parse(text, "vehicle.dbc", DbcStrictness.Strict));
        Assert.Equal($"vehicle.dbc:{expected}", exception.Message);
        Assert.Equal(expected, $"{exception.Line}:{exception.Column}: {exception.Problem}");
        Assert.Equal("vehicle.dbc", exception.FileName);
    }

    [Theory]
    [InlineData("BO_ 1 M: 0 A\n" + Signal, "2:6 SignalOutsideMessage: signal S ends in byte 1 of message M, which has 0")]
    [InlineData("BO_ 1 M: 1 A\n" + Signal + " SG_ T : 7|1@0+ (1,0) [0|0] \"\" A\n", "3:6 SignalsOverlap: signals S and T overlap in message M")]
    [InlineData("BO_ 1 M: 99 A\n SG_ S : 0|65@1+ (1,0) [0|0] \"\" A\n", "2:6 SignalTooLong: signal S is 65 bits long; at most 64 can be decoded")]
    [InlineData("BO_ 1 M: 1 A\nBO_ 1 N: 1 A\n", "2:5 DuplicateMessageId: message N has the same id as an earlier one and is not decoded")]
    [InlineData("BO_ 1 M: 1 A\nBO_ 2 M: 1 A\n", "2:5 DuplicateName: a second message M")]
    [InlineData("BO_ 1 M: 2 A\n" + Signal + " SG_ S : 8|8@1+ (1,0) [0|0] \"\" A\n", "3:6 DuplicateName: a second signal S in message M")]
    [InlineData("CM_ BO_ 7 \"x\";", "1:9 UnknownReference: no message has the id 7")]
    [InlineData("BO_ 1 M: 1 A\nVAL_ 1 S 0 \"x\" ;", "2:6 UnknownReference: message 1 has no signal S")]
    [InlineData("BO_ 1 M: 1 B\n", "1:5 UnknownReference: no node B (sender of M)")]
    [InlineData("BO_ 1 M: 1 A\nBA_DEF_ BO_ \"VFrameFormat\" ENUM \"x\";\nBA_ \"VFrameFormat\" BO_ 1 9;", "3:26 UnusableValue: VFrameFormat has no choice 9")]
    [InlineData("BO_ 1 M: 1 A\n SG_ S m0 : 0|8@1+ (1,0) [0|0] \"\" A\n", "2:8 Multiplexing: nothing says which multiplexer selects S, so it is always present")]
    public void A_probable_mistake_is_a_warning_with_its_place(string text, string expected)
    {
        var warnings = DbcFile.Parse("BU_: A " + text).Warnings;
        Assert.Equal([expected], warnings.Select(warning =>
            $"{warning.Line}:{warning.Column - (warning.Line == 1 ? "BU_: A ".Length : 0)} {warning.Kind}: {warning.Text}"));
    }

    [Theory]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" A\n SG_ T : 8|", "M:S",
        "1:1 Malformed: the file ends within this statement; it is left out (expected the signal's length in bits, found the end of the file)")]
    [InlineData("BO_ 1 M: 8 A\nBO_ 2 N: 8", "M:",
        "2:1 Malformed: the file ends within this statement; it is left out (expected the message's sender, found the end of the file)")]
    [InlineData("BO_ 1 M: 8 A\nCM_ BO_ 1 \"x\"", "M:",
        "2:1 Malformed: the file ends within this statement; it is left out (expected ';' after the comment, found the end of the file)")]
    [InlineData("BO_ 1 M: 8 A\n SG_ S : 0|8@2+ (1,0) [0|0] \"\" A", "M:S", "2:14 Malformed: the byte order is 0 (big-endian) or 1 (little-endian), not 2; it is taken for 1")]
    [InlineData("BO_ 1 M: 8 A\nBA_DEF_ \"X\" STRIN ;", "M:",
        "2:13 Malformed: the attribute's type STRIN is none of INT, HEX, FLOAT, STRING and ENUM; its values are taken as texts")]
    [InlineData("BO_ 1 M: 1 A\n SG_ S : 0|4@1+ (1,0) [0|0] \"\" A\n SG_ S : 4|4@1+ (1,0) [0|0] \"\" A", "M:S,S", "3:6 DuplicateName: a second signal S in message M")]
    public void What_the_field_gets_wrong_is_read_with_a_warning_and_refused_when_strict(string text, string expected, string warning)
    {
        var database = DbcFile.Parse("BU_: A\n" + text);
        Assert.Equal(expected, string.Join(' ', database.Messages.Select(message => $"{message.Name}:{string.Join(',', message.Signals.Select(signal => signal.Name))}")));
        var found = Assert.Single(database.Warnings);
        Assert.True(found.IsMistake);
        Assert.Equal(warning, $"{found.Line - 1}:{found.Column} {found.Kind}: {found.Text}");
        Assert.Null(database.Messages[0].Comment);
        Assert.Throws<DbcException>(() => DbcFile.Parse("BU_: A\n" + text, null, DbcStrictness.Strict));
    }

    [Theory]
    [InlineData("BU_: A A", "1:8 DuplicateName: a second node A")]
    [InlineData("VAL_TABLE_ T 1 \"a\" ;\nVAL_TABLE_ T 2 \"b\" ;", "2:12 DuplicateName: a second value table T")]
    [InlineData("BU_: A\nEV_ V: 0 [0|0] \"\" 0 1 N A;\nEV_ V: 0 [0|0] \"\" 0 1 N A;", "3:5 DuplicateName: a second environment variable V")]
    [InlineData("CM_ EV_ V \"x\";", "1:9 UnknownReference: no environment variable V")]
    [InlineData("CM_ BU_ N \"x\";", "1:9 UnknownReference: no node N")]
    [InlineData("BU_: A\nBO_ 1 M: 8 A\n" + Signal + "VAL_ 1 S 256 \"x\" ;", "4:6 LabelOutOfRange: signal S can never be 256 (\"x\"): it goes from 0 to 255")]
    [InlineData("BU_: A\nBO_ 1 M: 8 A\n SG_ S : 0|8@1+ (0,3) [0|0] \"\" A", "3:6 UnusableValue: the scale of signal S is 0, so its value is always 3")]
    [InlineData("BU_: A\nBO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [5|3] \"\" A", "3:6 UnusableValue: the minimum of signal S is above its maximum")]
    [InlineData("BU_: A\nBO_ 1 M: 8 A\n SG_ S M : 0|8@1+ (1,0) [0|0] \"\" A\n SG_ T m0 : 8|4@1+ (1,0) [0|0] \"\" A\n SG_ T m1 : 8|4@1+ (1,0) [0|0] \"\" A", "")]
    public void What_is_doubtful_is_a_warning_and_no_reason_to_refuse(string text, string expected)
    {
        var warnings = DbcFile.Parse(text, null, DbcStrictness.Strict).Warnings;
        Assert.Equal(expected, string.Join('\n', warnings.Select(warning => $"{warning.Line}:{warning.Column} {warning.Kind}: {warning.Text}")));
        Assert.DoesNotContain(warnings, warning => warning.IsMistake);
    }

    [Fact]
    public void Signals_that_exclude_each_other_may_share_bits()
    {
        var warnings = DbcFile.Parse("""
            BO_ 1 M: 3 Vector__XXX
             SG_ Outer M : 0|2@1+ (1,0) [0|0] "" Vector__XXX
             SG_ Inner m1M : 2|6@1+ (1,0) [0|0] "" Vector__XXX
             SG_ A m0 : 2|6@1+ (1,0) [0|0] "" Vector__XXX
             SG_ B m0 : 8|8@1+ (1,0) [0|0] "" Vector__XXX
             SG_ C m1 : 8|8@1+ (1,0) [0|0] "" Vector__XXX
            SG_MUL_VAL_ 1 Inner Outer 1-3;
            SG_MUL_VAL_ 1 A Outer 0-0;
            SG_MUL_VAL_ 1 B Inner 0-0;
            SG_MUL_VAL_ 1 C Inner 1-1;
            """).Warnings;
        Assert.Empty(warnings);
    }

    [Fact]
    public void Warnings_are_limited()
    {
        var text = string.Concat(Enumerable.Repeat("CM_ BO_ 7 \"x\";\n", DbcLimits.Warnings + 10));
        Assert.Equal(DbcLimits.Warnings, DbcFile.Parse(text).Warnings.Count);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused()
    {
        var exception = Assert.Throws<DbcException>(() => DbcFile.Parse(new byte[DbcLimits.FileBytes + 1], "big.dbc"));
        Assert.Equal("big.dbc:1:1: the file is larger than 64 MiB", exception.Message);
    }
}
