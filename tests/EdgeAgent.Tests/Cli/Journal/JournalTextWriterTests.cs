using System.Text;
using EdgeAgent.Cli.Journal;

namespace EdgeAgent.Tests.Cli.Journal;

/// <summary>Entries of journalctl as people read them.</summary>
public sealed class JournalTextWriterTests
{
    private const string BusOff =
        """{"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"4","MESSAGE_ID":"389f92efb9d14f1ea1f57412e30b1410","EDGE_BUS":"can0","EDGE_STATE":"bus-off","EDGE_EVENT":"BusIsTroubled","MESSAGE":"can0: bus-off, before error-active; the bit rate (250 kbit/s) may be wrong; try: edge-agent can detect"}""";

    [Fact]
    public void An_entry_fits_80_columns_and_its_event_is_explained_once()
    {
        string[] lines = Text(80, JournalCatalog.Load(), BusOff, BusOff);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
        Assert.Equal(
            [
                "11-28 07:43:32  warn   can0   bus-off, before error-active; the bit rate (250",
                "                              kbit/s) may be wrong; try: edge-agent can detect",
                "      A bus is not well (BusIsTroubled)",
                "      The controller of the bus can0 is bus-off. \"error-passive\" means that it",
            ],
            lines[..4]);
        Assert.Single(lines, line => line.Contains("A bus is not well", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","MESSAGE":"plain"}""", "11-28 07:43:32  info   -      plain")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"2","MESSAGE":[97,27,91,50,74,255]}""", "11-28 07:43:32  crit   -      a?[2J\ufffd")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"7","MESSAGE":["first","second"]}""", "11-28 07:43:32  debug  -      first")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"3","MESSAGE":"two\nlines","EDGE_BUS":"a-long-name"}""", "11-28 07:43:32  error  a-long-name  two lines")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","MESSAGE":null}""", "11-28 07:43:32  info   -")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1795851812163851","MESSAGE":[]}""", "11-28 07:43:32  info   -")]
    public void Whatever_is_in_an_entry_is_a_line(string entry, string expected) => Assert.Equal([expected], Text(null, null, entry));

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"x"}""")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"9223372036854775807"}""")]
    [InlineData("""{"__REALTIME_TIMESTAMP":"1","MESSAGE":[300]}""")]
    public void What_is_no_entry_is_refused(string entry) => Assert.Throws<InvalidDataException>(() => JournalRecord.Parse(Encoding.UTF8.GetBytes(entry)));

    private static string[] Text(int? width, JournalCatalog? catalog, params string[] entries)
    {
        var text = new StringWriter { NewLine = "\n" };
        var writer = new JournalTextWriter(text, TimeZoneInfo.Utc, width, catalog);
        foreach (string entry in entries) writer.Write(JournalRecord.Parse(Encoding.UTF8.GetBytes(entry)));
        return text.ToString().TrimEnd('\n').Split('\n');
    }
}
