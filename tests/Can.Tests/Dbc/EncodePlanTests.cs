using System.Globalization;
using CsCheck;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

public sealed class EncodePlanTests(ITestOutputHelper output)
{
    private const string Text = """
        BO_ 1 Plain: 8 Vector__XXX
         SG_ Speed : 0|16@1+ (0.25,0) [0|10000] "rpm" Vector__XXX
         SG_ Torque : 23|12@0- (0.1,-10) [0|0] "Nm" Vector__XXX
         SG_ Gear : 40|4@1- (1,0) [0|3] "" Vector__XXX
        BO_ 2 Floats: 16 Vector__XXX
         SG_ Single : 7|32@0- (2,0) [0|0] "" Vector__XXX
         SG_ Double : 64|64@1- (1,0) [0|0] "" Vector__XXX
        BO_ 3 Nested: 4 Vector__XXX
         SG_ Outer M : 0|4@1+ (1,0) [0|0] "" Vector__XXX
         SG_ Inner m1M : 4|4@1+ (1,0) [0|0] "" Vector__XXX
         SG_ A m0 : 8|8@1+ (1,0) [0|0] "" Vector__XXX
         SG_ B m0 : 8|8@1+ (2,0) [0|0] "" Vector__XXX
         SG_ Always : 16|8@1+ (1,0) [0|0] "" Vector__XXX
         SG_ Never m1 : 24|8@1+ (1,0) [0|0] "" Vector__XXX
        BO_ 4 Wide: 16 Vector__XXX
         SG_ Unsigned : 0|64@1+ (1,0) [0|18446744073709551615] "" Vector__XXX
         SG_ Odd : 67|57@1- (3,-1) [0|0] "" Vector__XXX
        BO_ 5 Broken: 1 Vector__XXX
         SG_ Outside : 0|9@1+ (1,0) [0|0] "" Vector__XXX
         SG_ NoScale : 0|8@1+ (0,0) [0|0] "" Vector__XXX
        VAL_ 1 Gear -1 "Reverse" 0 "Neutral" 7 "Invalid" ;
        VAL_ 3 Outer 9 "Nothing" ;
        SIG_VALTYPE_ 2 Single : 1;
        SIG_VALTYPE_ 2 Double : 2;
        SG_MUL_VAL_ 3 Inner Outer 1-2;
        SG_MUL_VAL_ 3 A Outer 0-0;
        SG_MUL_VAL_ 3 B Inner 3-4;
        SG_MUL_VAL_ 3 Never Always 1-1;
        """;

    private static readonly DbcDatabase Database = DbcFile.Parse(Text);

    [Theory]
    [InlineData("Plain", "Speed=2500 Torque=-10 Gear=3", "1027000000030000")]
    [InlineData("Plain", "Torque=10 Speed=0.1 Gear=-1", "00000C80000F0000")]
    [InlineData("Plain", "Speed=0.375 Torque=-10.04 Gear=Reverse", "02000000000F0000")]
    [InlineData("Plain", "Speed=0.125 Torque=0 Gear=7", "0000064000070000")]
    [InlineData("Floats", "Single=3.5 Double=-0.5", "3FE0000000000000000000000000E0BF")]
    [InlineData("Nested", "Outer=0 A=5 Always=7", "00050700")]
    [InlineData("Nested", "Outer=2 Inner=4 B=10 Always=7", "42050700")]
    [InlineData("Nested", "Outer=2 Always=7 Inner=3 B=0", "32000700")]
    [InlineData("Nested", "Outer=Nothing Always=7", "09000700")]
    [InlineData("Wide", "Unsigned=18446744073709551615 Odd=-216172782113783809", "FFFFFFFFFFFFFFFF0000000000000008")]
    [InlineData("Wide", "Unsigned=9007199254740993 Odd=2", "01000000000020000800000000000000")]
    public void Values_become_bytes(string message, string values, string expected)
    {
        var plan = Plan(message);
        var payload = new byte[plan.Message.Length + 1];
        payload.AsSpan().Fill(0xFF);
        plan.Encode(Inputs(plan, values), payload);
        Assert.Equal(expected + "FF", Convert.ToHexString(payload));
    }

    [Theory]
    [InlineData("Plain", "Speed=10000.3 Torque=0 Gear=0", "signal Speed of message Plain: 10000.3 rpm is outside of what the file allows, 0 to 10000")]
    [InlineData("Plain", "Speed=-1 Torque=0 Gear=0", "signal Speed of message Plain: -1 rpm is outside of what the file allows, 0 to 10000")]
    [InlineData("Plain", "Speed=0 Torque=200 Gear=0", "signal Torque of message Plain: 200 Nm does not fit into its 12 bits; it goes from -214.8 to 194.70000000000002")]
    [InlineData("Plain", "Speed=0 Torque=NaN Gear=0", "signal Torque of message Plain: NaN Nm is no number that it can be; it goes from -214.8 to 194.70000000000002")]
    [InlineData("Plain", "Speed=0 Torque=0 Gear=4", "signal Gear of message Plain: 4 is outside of what the file allows, 0 to 3")]
    [InlineData("Plain", "Speed=0 Gear=0", "signal Torque of message Plain is missing")]
    [InlineData("Plain", "Speed=0 Speed=0 Torque=0 Gear=0", "signal Speed of message Plain is given twice")]
    [InlineData("Floats", "Single=1e39 Double=0", "signal Single of message Floats: 1E+39 does not fit into its 32 bits; it is a float of 32 bits")]
    [InlineData("Nested", "Outer=0 A=5 Always=7 B=1", "signal B of message Nested is given, but Inner does not select it; it needs 3-4")]
    [InlineData("Nested", "Outer=0 Always=7", "signal A of message Nested is missing")]
    [InlineData("Nested", "A=5 Always=7", "signal Outer of message Nested is missing")]
    [InlineData("Nested", "Outer=3 Always=7", "signal Outer of message Nested: 3 selects nothing; what selects something is 1-2, 0")]
    [InlineData("Nested", "Outer=0 A=5 Always=1 Never=1", "signal Never of message Nested is given, but Always does not select it; it needs 1")]
    [InlineData("Broken", "Outside=1", "signal Outside of message Broken cannot be encoded: it ends in byte 2, and the message has 1")]
    [InlineData("Broken", "NoScale=1", "signal NoScale of message Broken cannot be encoded: its scale is 0")]
    public void What_cannot_be_encoded_is_named_with_what_is_allowed(string message, string values, string expected)
    {
        var plan = Plan(message);
        var inputs = Inputs(plan, values);
        Assert.False(plan.TryEncode(inputs, new byte[16], out var error));
        Assert.Equal(expected, plan.Describe(error));
        Assert.StartsWith(expected, Assert.Throws<ArgumentException>(() => plan.Encode(inputs, new byte[16])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_labels_slots_and_buffers_that_do_not_fit_are_refused()
    {
        var plan = Plan("Plain");
        Assert.Contains("no signal Sped; it has Speed, Torque, Gear", Assert.Throws<ArgumentException>(() => plan.SlotOf("Sped")).Message, StringComparison.Ordinal);
        Assert.Contains("no label \"Fwd\"; it has \"Reverse\"", Assert.Throws<ArgumentException>(() => plan.Label("Gear", "Fwd")).Message, StringComparison.Ordinal);
        Assert.Contains("it has none", Assert.Throws<ArgumentException>(() => plan.Label("Speed", "Fast")).Message, StringComparison.Ordinal);
        Assert.False(plan.TryEncode([SignalInput.Physical(3, 1.0)], new byte[8], out var error));
        Assert.Equal("message Plain has 3 signals, so there is none with number 3", plan.Describe(error));
        Assert.Throws<ArgumentException>(() => plan.Encode([], new byte[7]));
    }

    [Fact]
    public void Whatever_a_frame_decodes_to_is_encoded_to_the_same_bits()
    {
        var decode = DecodePlan.Compile(Database);
        var plans = Database.Messages.Where(message => message.Name != "Broken").Select(EncodePlan.Compile).ToArray();
        Gen.Select(Gen.Int[0, plans.Length - 1], Gen.Byte.Array[16]).Sample((index, data) =>
        {
            var plan = plans[index];
            var payload = data.AsSpan(0, plan.Message.Length);
            var values = new SignalValue[decode.MaxSignalsPerFrame];
            _ = decode.Decode(plan.Message.Id, payload, values, out var count);
            var inputs = values.Take(count).Select(value => SignalInput.Raw(plan.SlotOf(decode.Signals[value.Slot].Signal.Name), Whole(decode, value))).ToArray();
            if (plan.Message.Name == "Floats") inputs = [.. values.Take(count).Select(value => SignalInput.Physical(plan.SlotOf(decode.Signals[value.Slot].Signal.Name), value.Value))];

            var encoded = new byte[plan.Message.Length];
            if (!plan.TryEncode(inputs, encoded, out var error)) return error.Fault == EncodeFault.UnknownSelector;
            var again = new SignalValue[decode.MaxSignalsPerFrame];
            _ = decode.Decode(plan.Message.Id, encoded, again, out var countAgain);
            return values.AsSpan(0, count).SequenceEqual(again.AsSpan(0, countAgain)) || values.Take(count).Any(value => double.IsNaN(value.Value));
        });

        static Int128 Whole(DecodePlan decode, SignalValue value) => decode.Signals[value.Slot].Signal.IsSigned ? (long)value.Raw : value.Raw;
    }

    [Fact]
    public void What_cantools_decodes_is_encoded_to_what_decodes_the_same()
    {
        var folder = DbcTestData.Folder();
        int files = 0, frames = 0;
        foreach (var line in DbcTestData.Lines(Path.Combine(folder, "index.jsonl")).Where(line => !line.TryGetProperty("error", out _)))
        {
            var dbc = line.GetProperty("dbc").GetString()!;
            var database = DbcFile.Load(Path.Combine(folder, dbc), DbcEncoding.Windows1252);
            var decode = DecodePlan.Compile(database);
            var (values, again) = (new SignalValue[decode.MaxSignalsPerFrame], new SignalValue[decode.MaxSignalsPerFrame]);
            foreach (var vector in DbcTestData.Vectors(folder, dbc, "frames"))
            {
                var value = vector.GetProperty("id").GetUInt32();
                var id = vector.GetProperty("ext").GetBoolean() ? CanId.Extended(value) : CanId.Standard(value);
                _ = decode.Decode(id, Convert.FromHexString(vector.GetProperty("data").GetString()!), values, out var count);
                Assert.True(database.TryGetMessage(id, out var message));
                var plan = EncodePlan.Compile(message);
                var inputs = values.Take(count).Where(each => double.IsFinite(each.Value)).Select(each => Exact(plan, decode.Signals[each.Slot].Signal, each)).ToArray();
                var payload = new byte[message.Length];
                if (!plan.TryEncode(inputs, payload, out var error))
                {
                    // Random bits are often out of the range that the file allows.
                    Assert.True(error.Fault is EncodeFault.BelowMinimum or EncodeFault.AboveMaximum or EncodeFault.UnknownSelector or EncodeFault.Missing, plan.Describe(error));
                    continue;
                }

                _ = decode.Decode(id, payload, again, out var countAgain);
                Assert.Equal(values[..count], again[..countAgain]);
                frames++;
            }

            files++;
        }

        output.WriteLine($"{files} files, {frames} frames encoded");
        Assert.True(frames > 0);

        static SignalInput Exact(EncodePlan plan, DbcSignal signal, SignalValue value) => signal.TryGetExactInteger(value, out var exact)
            ? SignalInput.Physical(plan.SlotOf(signal.Name), exact)
            : SignalInput.Physical(plan.SlotOf(signal.Name), value.Value);
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        var plan = Plan("Nested");
        var inputs = Inputs(plan, "Outer=2 Inner=4 B=10 Always=7");
        var payload = new byte[8];
        var encoded = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var repeat = 0; repeat < 10_000; repeat++) encoded += plan.TryEncode(inputs, payload, out _) ? 1 : 0;
        }));
        Assert.True(encoded >= 10_000);
    }

    private static EncodePlan Plan(string message)
    {
        Assert.True(Database.TryGetMessage(message, out var found));
        return EncodePlan.Compile(found);
    }

    private static SignalInput[] Inputs(EncodePlan plan, string values) => [.. values.Split(' ').Select(each =>
    {
        var (name, value) = (each[..each.IndexOf('=', StringComparison.Ordinal)], each[(each.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        if (Int128.TryParse(value, out var whole)) return SignalInput.Physical(plan.SlotOf(name), whole);
        return double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? SignalInput.Physical(plan.SlotOf(name), number) : plan.Label(name, value);
    })];
}
