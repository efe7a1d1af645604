using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class SchemaTests
{
    private const string Boot = "0f0e0d0c-0b0a-0908-0706-050403020100";

    private const string Digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Stamp = $$"""{"device":"d","tenant":"t","epoch":1,"boot":"{{Boot}}","stream":"messages","sequence":9,"time":"2026-01-02T03:04:05.678Z","clock":"synchronized","seconds":1""";

    private const string HealthMembers =
        ""","version":"1","uptimeSeconds":1.5,"link":{"connected":true,"connects":2},"buses":[{"bus":"can0","state":"open","frames":1,"samples":2,"errorFrames":2,"openings":1,"load":0.2,"samplePoint":0.875,"listenOnly":true,"silentSeconds":11,"errors":{"bus-off":2},"obd":{"state":"engine-off","wantedPerSecond":12.5,"answersPerSecond":12,"unsupported":1}}],"outbox":{"bufferedSamples":1,"storedBatches":0,"storedBytes":0,"memoryBytes":1,"delivered":3,"lost":0},"drops":{"kernel":0,"ring":0,"evicted":0,"corrupt":0},"cpu":0.1,"memory":{"rssBytes":1,"availableBytes":2},"disk":{"freeBytes":1,"totalBytes":2,"writtenBytes":3}}""";

    /// <summary>A schema, a document that fits, and changes each of which makes it one that does not.</summary>
    public static TheoryData<string, string, string[][]> Examples => new()
    {
        {
            "assignment", Payload(Assignment()),
            [["\"epoch\":3", "\"epoch\":0"], ["\"deliver\"", "\"purge\""], ["\"acme\"", "\"a/b\""], ["\"P-256\"", "\"P-384\""], ["\"epoch\":3", "\"epoch\":3,\"x\":1"], ["\"device\":\"dongle-1\",", ""]]
        },
        { "assignment", Payload(AssignmentDocument.Sign(Platform, Device, 1, null, Handover.Purge, null)), [["null", "{}"], ["\"tenant\":null,", ""]] },
        { "configuration-envelope", Payload(Configuration(Device)), [["\"version\":2", "\"version\":2.5"], ["\"configuration\":{\"log\":{\"level\":\"debug\"}}", "\"configuration\":[]"]] },
        { "configuration-envelope", Payload(Configuration()), [["\"tenant\":\"acme\"", "\"tenant\":null"]] },
        {
            "command", Payload(Command(arguments: new() { ["seconds"] = 60, ["level"] = "debug", ["all"] = true })),
            [["60", "{}"], ["\"ping\"", "\"PING\""], ["\"id\":\"c1\",", ""], ["\"seconds\"", "\"sec onds\""], ["\"issued\":", "\"issued\":-"]]
        },
        {
            "update-manifest", Payload(UpdateManifestTests.Signed),
            [["\"edge-agent\"", "\"other\""], ["1.2.3", "v1"], ["arm64", "all"], ["\"size\":100", "\"size\":16777217"], ["\"storeFormat\":2", "\"storeFormat\":0"], ["180", "9"], ["\"downgrade\":false", "\"downgrade\":0"]]
        },
        { "keys", Payload(KeysDocument.Sign(Acme, Tenant, 1, [Other.Public], [Acme.Public.Id])), [["\"tenant\":\"acme\",", ""], ["\"scope\":\"tenant\"", "\"scope\":\"platform\""], ["\"revoked\":[\"", "\"revoked\":[\"xxx"]] },
        { "keys", Payload(KeysDocument.Sign(Platform, null, 1, [Platform.Public], [])), [["\"scope\":\"platform\"", "\"scope\":\"tenant\""], ["\"version\":1", "\"version\":\"1\""]] },
        { "artifact-manifest", System.Text.Encoding.UTF8.GetString(new ArtifactManifest(300, [Sha256Digest.Of([1]), Sha256Digest.Of([2])]).ToUtf8()), [["300", "0"], ["300", "16777217"], ["\"chunks\":[\"", "\"chunks\":[\"A"]] },
        {
            "tenant-configuration",
            $$$$"""
            {"sources":[{"interface":"can0","bus":"body","dbc":["sha256:{{{{Digest}}}}"],"signals":["Engine/*"],"receiveBufferBytes":65536,"listenOnly":false,"restartAfterSeconds":5,"silentAfterSeconds":10,"obd":{"poll":[{"pid":"0C","everySeconds":1}],"requestsPerSecond":20,"yieldSeconds":60,"engineOff":"stop","signalsets":["sha256:{{{{Digest}}}}"],"signals":[{"signal":"SOC","everySeconds":5},{"signal":"*"}],"modelYear":2022,"vin":false}}],
             "publishing":{"encoding":"columnar","bytesPerSecond":1000,"metered":{"interfaces":["wwan*"],"minimumPriority":"high"}},"healthEverySeconds":60,
             "outbox":{"quotaBytes":1000000,"flushAfterSeconds":5,"sealAfterSeconds":1},"log":{"level":"debug"},"trialSeconds":60,
             "access":{"signers":[{"key":{{{{Other.Public}}}},"role":"viewer"}],"users":{"mia":"admin"},"groups":{"workshop":"technician"},"roles":{"viewer":["ping"]}}}
            """,
            [["columnar", "xml"], ["\"interface\":\"can0\",", ""], ["sha256:", "sha512:"], ["\"users\":{\"mia\":\"admin\"}", "\"users\":{\"mia\":\"king\"}"], ["[\"ping\"]", "[\"fly\"]"], ["\"trialSeconds\"", "\"trial\""], ["\"stop\"", "\"go\""], ["\"modelYear\":2022", "\"modelYear\":22"], ["\"signal\":\"SOC\"", "\"id\":\"SOC\""], ["\"signalsets\":[", "\"signalsets\":[1,"], ["\"requestsPerSecond\":20", "\"requestsPerSecond\":0"]]
        },
        {
            "tenant-configuration", """{"sources":[{"serial":"/dev/ttyUSB0","bus":"obd","baud":115200,"protocol":"can-11-bit-500k","obd":{"poll":[{"pid":"0C"}]}}]}""",
            [["/dev/ttyUSB0", "ttyUSB0"], ["115200", "100"], ["can-11-bit-500k", "can"], ["\"serial\":\"/dev/ttyUSB0\"", "\"interface\":\"can0\",\"dbc\":[\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]"], ["\"bus\"", "\"signals\":[\"A/*\"],\"bus\""]]
        },
        { "tenant-configuration", "{}", [["{}", "[]"]] },
        {
            "provisioning", $$$"""{"device":"d","platformKeys":[{{{Platform.Public}}}],"broker":{"url":"mqtts://b","userName":"d","passwordFile":"p"},"outbox":{"maxBytes":10000000},"localApi":{"port":9470,"tokenFile":"t","role":"viewer"},"drainSeconds":5}""",
            [["9470", "0"], ["\"tokenFile\":\"t\",", ""], ["viewer", "king"], ["mqtts://", "https://"], ["\"device\":\"d\",", ""], ["\"userName\"", "\"user\""], ["\"passwordFile\"", "\"password\":\"x\",\"passwordFile\""]]
        },
        {
            "boot-file", $$$"""{"device":"d","platformKeys":[{{{Platform.Public}}}],"broker":{"url":"mqtts://b","password":"p","authority":"-----BEGIN CERTIFICATE-----","privateKey":"generate"},"can":[{"interface":"can0","bitRate":500000,"samplePoint":0.875,"dataBitRate":2000000,"dataSamplePoint":0.8,"restartMs":100,"listenOnly":false}],"localApi":{"port":9470,"tokenFile":"t"},"outbox":{"maxBytes":10000000},"drainSeconds":5}""",
            [["9470", "0"], ["\"drainSeconds\":5", "\"drainSeconds\":61"], ["\"p\"", "\"generate\""], ["\"password\"", "\"passwordFile\":\"x\",\"password\""], ["\"generate\"", "\"make\""], ["\"privateKey\":\"generate\"", "\"certificate\":\"-----BEGIN CERTIFICATE-----\""], ["0.875", "87.5"], ["\"can0\"", "\"../x\""], ["\"dataBitRate\":2000000,", ""], ["\"password\"", "\"claimCode\":\"c\",\"password\""]]
        },
        {
            "state", $$$"""{"device":"d","tenant":"t","epoch":1,"boot":"{{{Boot}}}","version":"0.1.0","configuration":{"status":"rolled-back","tenantVersion":1,"deviceVersion":0,"hash":"x","refused":{"tenantVersion":2,"deviceVersion":0,"mistakes":[{"pointer":"/a","message":"m"}]} } }""",
            [["rolled-back", "gone"], ["\"epoch\":1", "\"epoch\":0"], ["\"/a\"", "\"a\""]]
        },
        { "state", $$$"""{"device":"d","tenant":"t","boot":"{{{Boot}}}","version":"0.1.0","assigned":false}""", [["false", "true"], [",\"assigned\":false", ""]] },
        { "status", $$$"""{"device":"d","online":true,"version":"0.1.0","boot":"{{{Boot}}}","time":"2026-01-02T03:04:05Z"}""", [["true", "\"yes\""], ["05Z", "05"], ["\"online\":true,", "\"online\":true,\"tenant\":\"t\","]] },
        {
            "ledger", $$$"""{"device":"d","tenant":"t","boot":"{{{Boot}}}","streams":[{"epoch":1,"stream":"telemetry","next":10,"ranges":[{"from":1,"to":9,"outcome":"lost","reason":"power"}]}]}""",
            [["\"lost\"", "\"misplaced\""], ["\"from\":1", "\"from\":0"], ["\"telemetry\"", "\"raw\""]]
        },
        {
            "scenario", """{"vin":"WEA22Z0SXMV000001","drive":[{"phase":"off","seconds":1}],"ecus":[{"name":"e","kind":"engine","id":"7E8","stored":["P0301"]}],"answers":[{"request":"09 02","refuse":"22"}],"signals":{"A/B":"speed"}}""",
            [["7E8", "7E0"], ["\"off\"", "\"of\""], ["A/B", "AB"], ["\"refuse\"", "\"answer\":\"01\",\"refuse\""], ["P0301", "P4301"], ["\"vin\"", "\"vni\""]]
        },
        { "message", Stamp + "}", [["\"messages\"", "\"telemetry\""], ["\"sequence\":9", "\"sequence\":0"], ["\"clock\":\"synchronized\",", ""]] },
        { "response", Stamp + ",\"command\":\"c1\",\"operation\":\"ping\",\"status\":\"done\",\"result\":{}}", [["\"done\"", "\"failed\""], ["\"result\":{}", "\"error\":{\"code\":\"a\",\"message\":\"b\"}"], ["\"c1\"", "\"c/1\""]] },
        { "audit", Stamp + ",\"operation\":\"ping\",\"principal\":\"user:mia\",\"role\":\"none\",\"decision\":\"refused\",\"reason\":\"r\"}", [[",\"reason\":\"r\"", ""], ["user:mia", "mia"], ["user:mia", "token:mia"], ["\"none\"", "\"king\""]] },
        { "health", Stamp + HealthMembers, [["\"cpu\":0.1", "\"cpu\":2"], ["\"sequence\":9", "\"sequence\":0"], ["\"ring\":0,", ""], ["\"can0\"", "\"can/0\""], ["\"bus-off\":2", "\"fire\":2"], ["\"engine-off\"", "\"off\""]] },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_schema_fits_its_documents_and_nothing_else(string schema, string document, string[][] changes)
    {
        Assert.True(Schemas.IsValid(schema, document), document);
        foreach (string[] change in changes)
        {
            Assert.Contains(change[0], document, StringComparison.Ordinal);
            string changed = document.Replace(change[0], change[1], StringComparison.Ordinal);
            Assert.False(Schemas.IsValid(schema, changed), changed);
        }
    }

    [Fact]
    public void Each_schema_has_an_example() =>
        Assert.Equal(Schemas.Names.Except(["common"]).Order(), Examples.Select(example => example.Data.Item1).Distinct().Order());

    [Fact]
    public void A_boot_file_may_have_whatever_a_provisioning_has()
    {
        string[][] members = [.. new[] { "provisioning", "boot-file" }.Select(name => Members(File.ReadAllText(Repository.PathOf("packaging", "schema", name + ".schema.json"))).ToArray())];
        Assert.Subset(members[1].ToHashSet(), members[0].ToHashSet());

        static IEnumerable<string> Members(string schema)
        {
            var properties = System.Text.Json.Nodes.JsonNode.Parse(schema)!["properties"]!.AsObject();
            return properties.Select(member => member.Key).Concat(properties["broker"]!["properties"]!.AsObject().Select(member => $"broker/{member.Key}"));
        }
    }

    [Fact]
    public void A_manifest_reads_what_it_writes()
    {
        var manifest = new ArtifactManifest(300, [Sha256Digest.Of([1]), Sha256Digest.Of([2])]);
        var back = ArtifactManifest.Parse(manifest.ToUtf8());
        Assert.Equal(manifest.Size, back.Size);
        Assert.Equal(manifest.Chunks, back.Chunks);
        Assert.Equal("/chunks/0", Assert.Throws<DocumentException>(() => ArtifactManifest.Parse("""{"size":1,"chunks":["x"]}"""u8)).Pointer);
        Assert.Equal("/size", Assert.Throws<DocumentException>(() => ArtifactManifest.Parse("""{"size":0,"chunks":[]}"""u8)).Pointer);
        Assert.Throws<DocumentException>(() => ArtifactManifest.Parse("BO_ 1 x: 8 y"u8));
    }
}
