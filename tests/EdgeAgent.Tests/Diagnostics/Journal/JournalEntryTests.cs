using System.Text;
using CsCheck;
using EdgeAgent.Diagnostics.Journal;

namespace EdgeAgent.Tests.Diagnostics.Journal;

/// <summary>The form in which journald takes entries (systemd, "Native Journal Protocol").</summary>
public sealed class JournalEntryTests
{
    private readonly JournalEntry _entry = new();

    [Theory]
    [InlineData("can0", "EDGE_BUS=can0\n")]
    [InlineData("", "EDGE_BUS=\n")]
    [InlineData("a=b", "EDGE_BUS=a=b\n")]
    [InlineData("Größe 5 µs", "EDGE_BUS=Größe 5 µs\n")]
    [InlineData("a\0b\t\u001b", "EDGE_BUS=a\0b\t\u001b\n")]
    [InlineData("two\nlines", "EDGE_BUS\n\u0009\0\0\0\0\0\0\0two\nlines\n")]
    [InlineData("\n", "EDGE_BUS\n\u0001\0\0\0\0\0\0\0\n\n")]
    [InlineData("ends\n", "EDGE_BUS\n\u0005\0\0\0\0\0\0\0ends\n\n")]
    [InlineData("µ\n", "EDGE_BUS\n\u0003\0\0\0\0\0\0\0µ\n\n")]
    public void A_value_is_a_line_or_has_its_length_before_it(string value, string expected)
    {
        Assert.True(_entry.TryAdd("EDGE_BUS", value));
        Assert.Equal(Encoding.UTF8.GetBytes(expected), _entry.Bytes);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced()
    {
        Assert.True(_entry.TryAdd("EDGE_BUS", ['x', '\ud800', 'y']));
        Assert.Equal(Encoding.UTF8.GetBytes("EDGE_BUS=x\ufffdy\n"), _entry.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_PID")]
    [InlineData("1A")]
    [InlineData("edge")]
    [InlineData("A=B")]
    [InlineData("A\nB")]
    [InlineData("Ä")]
    [InlineData("A2345678901234567890123456789012345678901234567890123456789012345")]
    public void A_name_that_journald_would_not_take_is_refused(string name)
    {
        Assert.False(_entry.TryAdd(name, "x"));
        Assert.Equal(0, _entry.Bytes.Length);
    }

    [Theory]
    [InlineData("Bus", "EDGE_BUS")]
    [InlineData("TenantVersion", "EDGE_TENANT_VERSION")]
    [InlineData("NextID", "EDGE_NEXT_ID")]
    [InlineData("bus_name", "EDGE_BUS_NAME")]
    [InlineData("{OriginalFormat}", null)]
    [InlineData("", null)]
    public void The_name_of_a_member_is_a_field(string member, string? expected) => Assert.Equal(expected, JournalEntry.NameOf(member));

    [Fact]
    public void The_first_of_two_values_counts()
    {
        Assert.True(_entry.TryAdd("EDGE_BUS", "can0"));
        Assert.False(_entry.TryAdd("EDGE_BUS", "can1"));
        Assert.Equal("EDGE_BUS=can0\n"u8, _entry.Bytes);
    }

    [Theory]
    [InlineData('x', "")]
    [InlineData('µ', "")]
    [InlineData('x', "\n")]
    [InlineData('\n', "")]
    public void A_long_value_is_cut_between_two_characters(char filler, string first)
    {
        Assert.True(_entry.TryAdd("EDGE_X", first + new string(filler, 100_000)));
        string value = JournalReceiver.Parse(_entry.Bytes)["EDGE_X"];
        Assert.EndsWith($"{filler}…", value, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(value), JournalEntry.MaxValueBytes - 1, JournalEntry.MaxValueBytes);
    }

    [Fact]
    public void However_much_there_is_to_say_it_fits_and_the_text_is_in_it() => Gen.Select(Gen.String[0, 40], Gen.Int[0, 12_000], Gen.Bool).Array[0, 40].Sample(values =>
    {
        var entry = new JournalEntry();
        Dictionary<string, string> added = [];
        for (int i = 0; i < values.Length; i++)
        {
            string value = (values[i].Item3 ? "\n" : "") + values[i].Item1 + new string('y', values[i].Item2);
            if (entry.TryAdd($"EDGE_{i}", value)) added.Add($"EDGE_{i}", value);
        }
        string text = new('z', 20_000);
        entry.AddText(text);
        var read = JournalReceiver.Parse(entry.Bytes);
        Assert.InRange(entry.Bytes.Length, 1, JournalEntry.MaxFieldsBytes + JournalEntry.MaxValueBytes + 64);
        Assert.Equal(added.Count + 1, read.Count);
        Assert.Equal(JournalEntry.MaxValueBytes, Encoding.UTF8.GetByteCount(read["MESSAGE"]));
        Assert.All(added, pair => Assert.True(read[pair.Key].EndsWith('…') ? pair.Value.Length > 2000 : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(pair.Value)) == read[pair.Key]));
    }, iter: 200, seed: "0000KOjMgPU2");
}
