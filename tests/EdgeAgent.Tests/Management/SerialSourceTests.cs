using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Tests.Management;

/// <summary>An adapter on a serial port in a configuration.</summary>
public sealed class SerialSourceTests
{
    private const string Good = """{"sources":[{"serial":"/dev/serial/by-id/usb-0403_6015:1+x","bus":"obd","baud":115200,"protocol":"kwp-fast","obd":{"poll":[{"pid":"0C"}]}}]}""";

    [Fact]
    public void It_is_read()
    {
        var source = Assert.Single(Parse(Good).Sources);
        Assert.Equal(("obd", new SerialConfiguration("/dev/serial/by-id/usb-0403_6015:1+x", new ElmOptions { Baud = 115200, Protocol = ElmProtocol.KwpFast })), (source.Bus.ToString(), source.Serial));
        Assert.Empty(source.Dbc);
    }

    [Fact]
    public void It_is_called_as_its_port_and_does_not_search_for_a_protocol_unless_told_to()
    {
        var source = Assert.Single(Parse("""{"sources":[{"serial":"/dev/ttyUSB0"}]}""").Sources);
        Assert.Equal(("ttyUSB0", new ElmOptions { Baud = 38400, Protocol = ElmProtocol.Can11At500 }), (source.Bus.ToString(), source.Serial!.Options));
        Assert.Null(source.Obd);
    }

    [Theory]
    [InlineData("\"/dev/serial/by-id/usb-0403_6015:1+x\"", "\"/etc/passwd\"", "/sources/0/serial", "'/etc/passwd' is no serial port: expected a file below /dev/")]
    [InlineData("/by-id/", "/../", "/sources/0/serial", "no serial port")]
    [InlineData("115200", "300", "/sources/0/baud", "300 is outside of 1200 to 3000000")]
    [InlineData("kwp-fast", "KWP", "/sources/0/protocol", "'KWP' is no protocol: expected one of automatic, j1850-pwm")]
    [InlineData("\"bus\":\"obd\"", "\"bus\":\"obd\",\"interface\":\"can0\"", "/sources/0", "either 'interface' (a CAN interface), 'serial'")]
    [InlineData("\"bus\":\"obd\"", "\"bus\":\"obd\",\"dbc\":[]", "/sources/0/dbc", "not with 'serial'")]
    [InlineData("\"bus\":\"obd\"", "\"bus\":\"obd\",\"signals\":[\"A/B\"]", "/sources/0/signals", "not with 'serial'")]
    [InlineData("\"obd\":{", "\"obd\":{\"addressing\":\"29-bit\",", "/sources/0/obd/addressing", "'protocol' says it")]
    [InlineData("\"serial\":\"/dev/serial/by-id/usb-0403_6015:1+x\"", "\"interface\":\"can0\"", "/sources/0/baud", "only with 'serial'")]
    [InlineData("\"serial\":\"/dev/serial/by-id/usb-0403_6015:1+x\"", "\"interface\":\"can0\"", "/sources/0/protocol", "only with 'serial'")]
    public void A_mistake_is_named_with_its_place(string original, string replacement, string pointer, string message)
    {
        Assert.Contains(original, Good, StringComparison.Ordinal);
        var e = Assert.Throws<ConfigurationException>(() => Parse(Good.Replace(original, replacement, StringComparison.Ordinal)));
        Assert.Contains(message, Assert.Single(e.Mistakes, mistake => mistake.Pointer == pointer).Message, StringComparison.Ordinal);
    }

    private static TenantConfiguration Parse(string json) => ConfigurationReader.ParseTenant(Encoding.UTF8.GetBytes(json), "test");
}
