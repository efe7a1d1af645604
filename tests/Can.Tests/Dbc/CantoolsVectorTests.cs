using System.Globalization;
using System.Text.Json;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Can.Tests.Dbc;

/// <summary>cantools is the reference: what it reads and decodes, so do we. It takes every DBC file for Windows-1252.</summary>
public sealed class CantoolsVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Each_file_is_accepted_or_refused_as_cantools_does()
    {
        var folder = DbcTestData.Folder();
        var (accepted, refused) = (0, 0);
        foreach (var line in DbcTestData.Lines(Path.Combine(folder, "index.jsonl")))
        {
            var dbc = line.GetProperty("dbc").GetString()!;
            if (line.TryGetProperty("error", out var error))
            {
                var exception = Assert.Throws<DbcException>(() => DbcFile.Load(Path.Combine(folder, dbc)));
                output.WriteLine($"{dbc}: {exception.Message[(exception.Message.LastIndexOf('/') + 1)..]}   cantools: {error}");
                refused++;
                continue;
            }

            var database = DbcFile.Load(Path.Combine(folder, dbc));
            Assert.Equal(line.GetProperty("messages").GetInt32(), database.Messages.Count);
            Assert.Equal(line.GetProperty("signals").GetInt32(), database.Messages.Sum(message => message.Signals.Count));
            Assert.True(line.GetProperty("strict").GetBoolean() == IsAcceptedStrictly(folder, dbc), $"{dbc}: {line}");
            accepted++;
        }

        output.WriteLine($"{accepted} files accepted, {refused} refused");
        Assert.True(accepted > 0);
    }

    [Fact]
    public void Each_message_has_what_cantools_parsed()
    {
        var folder = DbcTestData.Folder();
        var (files, messages, signals) = (0, 0, 0);
        foreach (var dbc in AcceptedFiles(folder))
        {
            var expected = DbcTestData.Vectors(folder, dbc, "messages");
            var actual = Load(folder, dbc).Messages;
            Assert.True(expected.Count == actual.Count, $"{dbc}: {actual.Count} messages instead of {expected.Count}");
            foreach (var (message, vector) in actual.Zip(expected))
            {
                Assert.Equal(Describe(vector), Describe(message, dbc));
                messages++;
                signals += message.Signals.Count;
            }

            files++;
        }

        output.WriteLine($"{files} files, {messages} messages, {signals} signals compared in every member");
        Assert.True(messages > 0);
    }

    [Fact]
    public void Each_frame_decodes_to_the_numbers_and_labels_of_cantools()
    {
        var folder = DbcTestData.Folder();
        var (files, frames, values) = (0, 0, 0);
        foreach (var dbc in AcceptedFiles(folder))
        {
            var plan = DecodePlan.Compile(Load(folder, dbc));
            var buffer = new SignalValue[plan.MaxSignalsPerFrame];
            foreach (var vector in DbcTestData.Vectors(folder, dbc, "frames"))
            {
                var value = vector.GetProperty("id").GetUInt32();
                var id = vector.GetProperty("ext").GetBoolean() ? CanId.Extended(value) : CanId.Standard(value);
                Assert.True(plan.TryGetMessage(id, out var message));
                Assert.Equal(vector.GetProperty("message").GetString(), message.Name);

                var payload = Convert.FromHexString(vector.GetProperty("data").GetString()!);
                var frame = CanFrame.Data(id, payload, fd: payload.Length > CanFrame.MaxClassicLength);
                Assert.Equal(DecodeStatus.Decoded, plan.Decode(in frame, buffer, out var count));
                values += Compare(plan, buffer.AsSpan(0, count), vector);

                Assert.Equal(DecodeStatus.Decoded, plan.Decode(id, payload, buffer, out count));
                _ = Compare(plan, buffer.AsSpan(0, count), vector);
                frames++;
            }

            files++;
        }

        output.WriteLine($"{files} files, {frames} frames, {values} values compared exactly");
        Assert.True(frames > 0);
    }

    private static bool IsAcceptedStrictly(string folder, string dbc)
    {
        try
        {
            _ = DbcFile.Load(Path.Combine(folder, dbc), strictness: DbcStrictness.Strict);
            return true;
        }
        catch (DbcException)
        {
            return false;
        }
    }

    private static int Compare(DecodePlan plan, ReadOnlySpan<SignalValue> values, JsonElement vector)
    {
        var numbers = vector.GetProperty("signals");
        var labels = vector.GetProperty("labels");
        var labelled = 0;
        Assert.Equal(numbers.EnumerateObject().Count(), values.Length);
        foreach (var value in values)
        {
            var signal = plan.Signals[value.Slot].Signal;
            var number = numbers.GetProperty(signal.Name);
            if (number.ValueKind == JsonValueKind.Null)
            {
                Assert.False(double.IsFinite(value.Value), vector.GetRawText());
            }
            else
            {
                var text = number.GetRawText();
                Assert.True(
                    double.Parse(text, CultureInfo.InvariantCulture).Equals(value.Value),
                    $"{signal.Name}: {text} is not {value.Value:R} in {vector.GetRawText()}");
                Assert.Equal(signal.TryGetExactInteger(value, out var exact), signal.IsInteger);
                if (signal.IsInteger) Assert.Equal(text, exact.ToString(CultureInfo.InvariantCulture));
            }

            if (signal.TryGetLabel(value, out var label))
            {
                Assert.Equal(labels.GetProperty(signal.Name).GetString(), label);
                labelled++;
            }
        }

        Assert.Equal(labels.EnumerateObject().Count(), labelled);
        return values.Length;
    }

    private static IEnumerable<string> AcceptedFiles(string folder) =>
        DbcTestData.Lines(Path.Combine(folder, "index.jsonl"))
            .Where(line => !line.TryGetProperty("error", out _))
            .Select(line => line.GetProperty("dbc").GetString()!);

    private static DbcDatabase Load(string folder, string dbc) => DbcFile.Load(Path.Combine(folder, dbc), DbcEncoding.Windows1252);

    private static string Describe(DbcMessage message, string dbc) => string.Join('\n',
    [
        $"{dbc} {message.Name} {message.Id.Value} {message.Id.IsExtended} {message.Length} {message.CycleTime?.TotalMilliseconds}",
        string.Join(',', message.Senders),
        message.Comment,
        .. message.Signals.Select(signal => string.Join('|',
            signal.Name, signal.StartBit, signal.Length, signal.ByteOrder, signal.IsSigned, signal.IsFloat,
            Number(signal.Scale), Number(signal.Offset), Number(signal.Minimum), Number(signal.Maximum),
            signal.Unit, signal.IsMultiplexer, signal.Multiplexing?.Multiplexer,
            string.Join(',', (signal.Multiplexing?.Ranges ?? []).SelectMany(Expand)),
            string.Join(',', signal.Labels.Select(label => label.Raw).Distinct().Order().Select(raw => $"{raw}={Label(signal, raw)}")),
            signal.Comment)),
    ]);

    private static string Describe(JsonElement message) => string.Join('\n',
    [
        $"{Text(message, "dbc")} {Text(message, "message")} {Text(message, "id")} {message.GetProperty("extended").GetBoolean()} "
            + $"{Text(message, "length")} {Text(message, "cycleTimeMs")}",
        string.Join(',', message.GetProperty("senders").EnumerateArray().Select(sender => sender.GetString())),
        Text(message, "comment"),
        .. message.GetProperty("signals").EnumerateArray().Select(signal => string.Join('|',
            Text(signal, "name"), Text(signal, "start"), Text(signal, "length"),
            Text(signal, "byteOrder") == "big" ? ByteOrder.BigEndian : ByteOrder.LittleEndian,
            signal.GetProperty("signed").GetBoolean(), signal.GetProperty("float").GetBoolean(),
            Number(signal, "scale"), Number(signal, "offset"), Number(signal, "minimum"), Number(signal, "maximum"),
            Text(signal, "unit"), signal.GetProperty("multiplexer").GetBoolean(), Text(signal, "multiplexedBy"),
            string.Join(',', Array(signal, "multiplexIds").Select(id => id.GetUInt64()).Order()),
            string.Join(',', signal.GetProperty("labels").EnumerateObject()
                .OrderBy(label => Int128.Parse(label.Name, CultureInfo.InvariantCulture))
                .Select(label => $"{label.Name}={label.Value.GetString()}")),
            Text(signal, "comment"))),
    ]);

    private static string? Label(DbcSignal signal, Int128 raw) => signal.TryGetLabel(raw, out var text) ? text : null;

    private static IEnumerable<ulong> Expand(DbcMultiplexerRange range)
    {
        for (var value = range.First; ; value++)
        {
            yield return value;
            if (value == range.Last) yield break;
        }
    }

    private static JsonElement.ArrayEnumerator Array(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : default;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        var other => other.GetRawText(),
    };

    private static string? Number(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? Number(number.GetDouble()) : null;

    private static string? Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);
}
