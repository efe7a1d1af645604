using System.Text;
using System.Text.RegularExpressions;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>DBC files: read or refused with a place; what was read can be compiled and decodes frames of every length.</summary>
internal sealed partial class DbcFuzz : FuzzTarget
{
    private const int MostFrames = 16;

    private static readonly byte[] Payload = [.. Enumerable.Range(0, DbcLimits.MessageBytes).Select(index => (byte)(index * 37))];

    public override string Name => "dbc";

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. DbcFuzzSeeds.All.Select(Encoding.UTF8.GetBytes)];

    public override IReadOnlyList<byte[]> Words { get; } = [.. DbcFuzzSeeds.Words.Select(Encoding.UTF8.GetBytes)];

    public override string Run(ReadOnlySpan<byte> input)
    {
        DbcDatabase database;
        try
        {
            database = DbcFile.Parse(input);
        }
        catch (DbcException exception)
        {
            Assert.InRange(exception.Line, 1, input.Length + 1);
            Assert.InRange(exception.Column, 1, input.Length + 1);
            Assert.DoesNotContain('\n', exception.Problem);
            return Details().Replace(exception.Problem, "…");
        }

        Assert.InRange(database.Warnings.Count, 0, DbcLimits.Warnings);
        Assert.Equal(IsAcceptedStrictly(input), !database.Warnings.Any(warning => warning.IsMistake) || database.Warnings.Count == DbcLimits.Warnings);
        var plan = DecodePlan.Compile(database);
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        var decoded = 0;
        foreach (var message in database.Messages.Take(MostFrames))
        {
            foreach (var length in (ReadOnlySpan<int>)[0, 7, 8, 64, message.Length])
            {
                var status = plan.Decode(message.Id, Payload.AsSpan(0, length), values, out var count);
                Assert.True(status is DecodeStatus.Decoded or DecodeStatus.Truncated, $"{status} of {message.Name}");
                foreach (var value in values.AsSpan(0, count)) _ = plan.Signals[value.Slot].Signal.TryGetLabel(value, out _);
                if (status == DecodeStatus.Decoded && length == message.Length) CheckEncoded(plan, message, values.AsSpan(0, count));
                decoded += count;
            }
        }

        var kinds = string.Join(' ', database.Warnings.Select(warning => warning.Kind).Distinct());
        return $"{Size(database.Messages.Count)} {Size(plan.SlotCount)} {Size(decoded)} {kinds}";
    }

    private static void CheckEncoded(DecodePlan plan, DbcMessage message, ReadOnlySpan<SignalValue> values)
    {
        // A duplicate is decoded, but only the first of a name can be encoded, and of those that overlap only one.
        if (!plan.TryGetMessage(message.Id, out var decoded) || decoded != message) return;
        var encode = EncodePlan.Compile(message);
        var inputs = new SignalInput[values.Length];
        for (var index = 0; index < inputs.Length; index++)
        {
            var (signal, value) = (plan.Signals[values[index].Slot].Signal, values[index]);
            inputs[index] = SignalInput.Raw(encode.SlotOf(signal.Name), signal.IsSigned && !signal.IsFloat ? (long)value.Raw : value.Raw);
        }

        var payload = new byte[message.Length];
        if (!encode.TryEncode(inputs, payload, out var error)) Assert.NotEmpty(encode.Describe(error));
    }

    private static bool IsAcceptedStrictly(ReadOnlySpan<byte> input)
    {
        try
        {
            _ = DbcFile.Parse(input, null, DbcEncoding.Automatic, DbcStrictness.Strict);
            return true;
        }
        catch (DbcException)
        {
            return false;
        }
    }

    private static int Size(int count) => System.Numerics.BitOperations.Log2((uint)count + 1);

    [GeneratedRegex("""(, found .*|'[^']*'|"[^"]*"|[0-9]+|signals? \w+|message \w+|attribute \w+)""")]
    private static partial Regex Details();
}
