using EdgeAgent.Cli.Provision;

namespace EdgeAgent.Tests.Cli.Provision;

/// <summary>A table of devices: what is wrong with it is told with its line.</summary>
public sealed class DeviceTableTests
{
    [Theory]
    [InlineData("", "t.csv:1: expected the names of the columns, one of them: device")]
    [InlineData("device", "t.csv:1: no devices below the names of the columns")]
    [InlineData("device\nd\n\na/b", "t.csv:4: 'a/b' is no id: 1 to 64 characters of A-Z, a-z, 0-9, '-' and '_', the first a letter or digit")]
    [InlineData("device\nd\ne\nd", "t.csv:4: d again, after line 2")]
    [InlineData("device,/can/0/bitRate\nd", "t.csv:2: 1 cells; the table has 2 columns")]
    [InlineData("device,bitRate\nd,1", "t.csv:1: column 'bitRate': expected device, or a JSON pointer into the template such as /broker/userName")]
    [InlineData("device,device\nd,d", "t.csv:1: column 'device' twice")]
    [InlineData("device\n\"d", "t.csv:2: a quotation without an end")]
    public void Mistakes_have_their_line(string table, string expected) => Assert.Equal([expected], DeviceTable.Parse(table, "t.csv").Mistakes);

    [Theory]
    [InlineData("device,/a\nd,x", "x")]
    [InlineData("\uFEFFdevice,/a\r\nd, x \r\n", "x")]
    [InlineData("device,/a\nd,\"x, \"\"y\"\"\"", "x, \"y\"")]
    [InlineData("device,/a\nd,\" x\"", " x")]
    [InlineData("/a,device\nx,d", "x")]
    [InlineData("device,/a\nd,", null)]
    public void Cells_are_what_spreadsheets_write(string table, string? expected)
    {
        var parsed = DeviceTable.Parse(table, "t.csv");
        Assert.Empty(parsed.Mistakes);
        Assert.Equal(expected, Assert.Single(parsed.Rows).Members.SingleOrDefault().Text);
    }
}
