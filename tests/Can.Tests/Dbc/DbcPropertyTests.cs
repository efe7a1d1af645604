using System.Text;
using CsCheck;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

public sealed class DbcPropertyTests
{
    private const string Sample = """
        VERSION "1"
        NS_ :
            CM_
        BS_:
        BU_: A B
        BO_ 1 M: 8 A
         SG_ Outer M : 0|4@1+ (1,0) [0|0] "u" B
         SG_ Inner m1M : 4|4@1- (0.5,-1e3) [0|10] "" A,B
         SG_ Low m0 : 15|8@0+ (1,0) [0|0] "" A
         SG_ Float : 16|32@1- (1,0) [0|0] "" A
        BO_TX_BU_ 1 : A,B;
        CM_ SG_ 1 Low "text \" more";
        BA_DEF_ BO_ "GenMsgCycleTime" INT 0 1000;
        BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","J1939PG";
        BA_DEF_DEF_ "GenMsgCycleTime" 10;
        BA_ "GenMsgCycleTime" BO_ 1 20;
        VAL_ 1 Low 0 "zero" 9 "none" ;
        SIG_VALTYPE_ 1 Float : 1;
        SIG_GROUP_ 1 G 1 : Low Float;
        SG_MUL_VAL_ 1 Inner Outer 1-2, 4-4;
        SG_MUL_VAL_ 1 Low Inner 0-7;
        """;

    private static readonly string[] Pieces =
    [
        "BO_", "SG_", "CM_", "BA_", "BA_DEF_", "BA_DEF_DEF_", "VAL_", "SG_MUL_VAL_", "SIG_VALTYPE_", "EV_", "BU_", "NS_", "BS_", ":", ";", ",", "|", "@",
        "(", ")", "[", "]", "+", "-", "\"", "\\\"", "\"x\"", "0", "1", "-1", "8", "64", "1785", "4294967295", "99999999999999999999999999999999999999999", "1e999", "1.",
        "M", "m0", "m1M", "A", "Outer", "Inner", "Low", "VFrameFormat", "//", "\n", "\r", "\0", "é", "\uFFFD", " ",
    ];

    private static readonly Gen<Layout> Layouts =
        from length in Gen.Int[1, 64]
        from first in Gen.Int[0, 512 - length]
        from isBig in Gen.Bool
        from isSigned in Gen.Bool
        select new Layout(first, length, isBig, isSigned);

    private static readonly Gen<string> Piece = Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]);

    private readonly record struct Layout(int FirstBit, int Length, bool IsBig, bool IsSigned)
    {
        public int StartBit => IsBig ? (8 * (FirstBit / 8)) + 7 - (FirstBit % 8) : FirstBit;
    }

    [Fact]
    public void Each_layout_decodes_as_bit_by_bit()
    {
        Gen.Select(Layouts, Gen.Byte.Array[64], Gen.Int[0, 64]).Sample((layout, data, length) =>
        {
            var plan = DecodePlan.Compile(DbcFile.Parse($"""
                BO_ 1 M: 64 A
                 SG_ S : {layout.StartBit}|{layout.Length}@{(layout.IsBig ? 0 : 1)}{(layout.IsSigned ? '-' : '+')} (1,0) [0|0] "" A
                """));
            var values = new SignalValue[1];
            _ = plan.Decode(CanId.Standard(1), data.AsSpan(0, length), values, out var count);
            var isWhole = layout.FirstBit + layout.Length <= 8 * length;
            if (count != (isWhole ? 1 : 0)) return false;
            if (isWhole && values[0].Raw != Reference(layout, data)) return false;

            var frame = CanFrame.Data(CanId.Standard(1), data, fd: true);
            _ = plan.Decode(in frame, values, out count);
            var expected = Reference(layout, data);
            return count == 1 && values[0].Raw == expected && values[0].Value.Equals(layout.IsSigned ? (double)(long)expected : expected);
        });
    }

    [Fact]
    public void Random_bytes_never_throw_anything_but_a_DbcException() =>
        Gen.Byte.Array[0, 200].Sample(bytes => ParsesOrIsRefused(bytes));

    [Fact]
    public void Random_pieces_never_throw_anything_but_a_DbcException() =>
        Piece.Array[0, 60].Sample(pieces => ParsesOrIsRefused(Encoding.UTF8.GetBytes(string.Join(' ', pieces))));

    [Fact]
    public void Mutated_files_never_throw_anything_but_a_DbcException()
    {
        var mutation = Gen.Select(Gen.Int[0, Sample.Length], Gen.Int[0, 12], Piece);
        mutation.Array[1, 4].Sample(mutations =>
        {
            var text = Sample;
            foreach (var (at, removed, inserted) in mutations)
            {
                var start = Math.Min(at, text.Length);
                text = string.Concat(text.AsSpan(0, start), inserted, text.AsSpan(Math.Min(start + removed, text.Length)));
            }

            return ParsesOrIsRefused(Encoding.UTF8.GetBytes(text));
        });
    }

    [Fact]
    public void The_sample_that_is_mutated_is_itself_without_fault() => Assert.Empty(DbcFile.Parse(Sample).Warnings);

    [Fact]
    public void A_statement_repeated_to_a_megabyte_is_read_or_refused_soon()
    {
        string[] statements =
        [
            "CM_ \"x\";", "BU_: A ", "BO_TX_BU_ 1 : A;", "SG_MUL_VAL_ 1 Low Outer 0-1;", " SG_ S : 0|8@1+ (1,0) [0|0] \"\" A\n", "((((",
            "\"\\\"", "NS_ : ",
        ];
        foreach (var statement in statements)
        {
            var repeated = string.Concat(Enumerable.Repeat(statement, 1_000_000 / statement.Length));
            var bytes = Encoding.UTF8.GetBytes("BO_ 1 M: 8 A\n" + repeated);
            var watch = System.Diagnostics.Stopwatch.StartNew();
            Assert.True(ParsesOrIsRefused(bytes));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{statement}: {watch.Elapsed}");
        }
    }

    private static bool ParsesOrIsRefused(byte[] bytes)
    {
        DbcDatabase database;
        try
        {
            database = DbcFile.Parse(bytes);
        }
        catch (DbcException exception)
        {
            return exception.Line >= 1 && exception.Column >= 1 && !exception.Problem.Contains('\n', StringComparison.Ordinal);
        }

        var plan = DecodePlan.Compile(database);
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        foreach (var message in database.Messages)
        {
            var frame = CanFrame.Data(message.Id, [1, 2, 3, 4, 5, 6, 7]);
            if (plan.Decode(in frame, values, out var count) is DecodeStatus.UnknownId or DecodeStatus.NoData) return false;
            if (count > values.Length) return false;
        }

        return true;
    }

    private static ulong Reference(Layout layout, byte[] data)
    {
        var raw = 0UL;
        for (var index = 0; index < layout.Length; index++)
        {
            var bit = layout.FirstBit + index;
            var isSet = layout.IsBig ? (data[bit / 8] >> (7 - (bit % 8))) & 1 : (data[bit / 8] >> (bit % 8)) & 1;
            raw |= (ulong)isSet << (layout.IsBig ? layout.Length - 1 - index : index);
        }

        var isNegative = layout.IsSigned && (raw >> (layout.Length - 1)) == 1;
        return isNegative && layout.Length < 64 ? raw | (ulong.MaxValue << layout.Length) : raw;
    }
}
