using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

/// <summary>Payloads that receivers keep: what was published once must stay readable.</summary>
public sealed class StoredPayloadTests
{
    public static TheoryData<string, string> Payloads => new()
    {
        { "senml+json", Convert.ToHexString("""
            [{"bn":"dongle-1/","bt":1777881600,"tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":4711,"clock":"synchronized","n":"can0/Engine/Speed","u":"1/min","v":812.5},{"n":"can0/Engine/Load","u":"%","v":31},{"n":"can0/Motion/Yaw","t":0.005,"v":0},{"n":"can0/Engine/Speed","u":"1/min","t":0.02,"v":812.75},{"n":"can0/Engine/Load","u":"%","t":0.02,"v":31},{"n":"can0/Motion/Yaw","t":0.025,"v":0.10000000149011612},{"n":"can0/Engine/Speed","u":"1/min","t":0.04,"v":813},{"n":"can0/Engine/Load","u":"%","t":0.04,"v":31},{"n":"can0/Motion/Yaw","t":0.045,"v":0.20000000298023224}]
            """u8) },
        { "senml+cbor", "89AA2169646F6E676C652D312F221A69F852006674656E616E746461636D656565706F63680164626F6F74782430663065306430632D306230612D30" +
            "3930382D303730362D3035303430333032303130306873657175656E636519126765636C6F636B6C73796E6368726F6E697A6564007163616E302F45" +
            "6E67696E652F53706565640165312F6D696E02F96259A3007063616E302F456E67696E652F4C6F616401612502181FA3006F63616E302F4D6F74696F" +
            "6E2F59617706FB3F747AE147AE147B0200A4007163616E302F456E67696E652F53706565640165312F6D696E06FB3F947AE147AE147B02FA444B3000" +
            "A4007063616E302F456E67696E652F4C6F616401612506FB3F947AE147AE147B02181FA3006F63616E302F4D6F74696F6E2F59617706FB3F99999999" +
            "99999A02FA3DCCCCCDA4007163616E302F456E67696E652F53706565640165312F6D696E06FB3FA47AE147AE147B0219032DA4007063616E302F456E" +
            "67696E652F4C6F616401612506FB3FA47AE147AE147B02181FA3006F63616E302F4D6F74696F6E2F59617706FB3FA70A3D70A3D70A02FA3E4CCCCD" },
        { "columnar", "28B52FFD20D51D0600340B08011208646F6E676C652D311A0461636D6520012A100F0E0D0C0B0A0908070605040302010030E724380140C0843D4880" +
            "C082A0BE67521163616E302F456E67696E652F537065656452044C6F6164520A4D6F74696F6E2F5961775A03000C05620372706D6201256A03010200" +
            "721000D03FE03F7A100082018A010202019201030000009A01060001A20106000A1E0A1E0AAA010301011DB20103030103BA0105E43202027CC2010A" +
            "00CD99B3EE1F8080801C050072B19A0A30AEEB9541F80267" },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public void A_payload_of_the_first_version_of_its_encoding_can_be_read(string encoding, string hex)
    {
        var decoded = PayloadDecoder.Decode(Convert.FromHexString(hex));
        Assert.Equal((TestStamps.Acme, RecordStream.Telemetry, true, TimeReference.Unix), (decoded.Stamp, decoded.Stream, decoded.ClockSynchronized, decoded.TimeReference));
        string rpm = encoding == "columnar" ? "rpm" : "1/min";
        List<DecodedSample> expected = [];
        for (int i = 0; i < 3; i++)
        {
            long time = 1_777_881_600_000_000_000 + i * 20_000_000;
            expected.Add(new DecodedSample(4711 + 3 * i, time, "can0/Engine/Speed", rpm, 812.5 + 0.25 * i));
            expected.Add(new DecodedSample(4712 + 3 * i, time, "can0/Engine/Load", "%", 31));
            expected.Add(new DecodedSample(4713 + 3 * i, time + 5_000_000, "can0/Motion/Yaw", null, i * 0.1f));
        }
        Assert.Equal(expected, decoded.Samples);
    }
}
