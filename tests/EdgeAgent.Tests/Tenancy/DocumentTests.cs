using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class DocumentTests
{
    private static readonly DeviceId OtherDevice = DeviceId.Parse("dongle-2");

    [Fact]
    public void An_assignment_says_whose_the_device_is()
    {
        var document = OpenAssignment(Assignment());
        Assert.Equal((Device, new Epoch(3), Handover.Deliver, TimeSpan.FromSeconds(60)), (document.Device, document.Epoch, document.Handover, document.DeliverFor));
        Assert.Equal(Tenant, document.Tenant!.Id);
        Assert.Equal([Acme.Public], document.Tenant.Keys);
        var none = OpenAssignment(AssignmentDocument.Sign(Platform, Device, Jws.MaxNumber, null, Handover.Purge, null));
        Assert.Equal((null, Handover.Purge, null), (none.Tenant, none.Handover, none.DeliverFor));
    }

    [Fact]
    public void Only_the_platform_assigns_only_this_device_and_only_forwards()
    {
        string text = Assignment();
        Assert.Equal(Refusal.UnknownKey, Code(() => AssignmentDocument.Open(Bytes(text), AcmeRing, Device, null)));
        Assert.Equal(Refusal.WrongDevice, Code(() => AssignmentDocument.Open(Bytes(text), PlatformRing, OtherDevice, null)));
        Assert.Equal(Refusal.Stale, Code(() => AssignmentDocument.Open(Bytes(text), PlatformRing, Device, new Epoch(3))));
        Assert.Equal(Refusal.Stale, Code(() => AssignmentDocument.Open(Bytes(text), PlatformRing, Device, new Epoch(4))));
        AssignmentDocument.Open(Bytes(text), PlatformRing, Device, new Epoch(2));
        Assert.Equal(Refusal.WrongType, Code(() => AssignmentDocument.Open(Bytes(Configuration()), PlatformRing, Device, null)));
    }

    [Theory]
    [InlineData("\"dongle-1\"", "\"+\"", "/device")]
    [InlineData("\"epoch\":3", "\"epoch\":0", "/epoch")]
    [InlineData("\"epoch\":3", "\"epoch\":3.0", "/epoch")]
    [InlineData("\"epoch\":3", "\"epoch\":9007199254740992", "/epoch")]
    [InlineData("\"epoch\":3,", "", "/epoch")]
    [InlineData("\"acme\"", "\"a/b\"", "/tenant/id")]
    [InlineData("\"keys\":[", "\"keys\":[17,", "/tenant/keys/0")]
    [InlineData("\"kty\":\"EC\"", "\"kty\":\"oct\"", "/tenant/keys/0/kty")]
    [InlineData("\"deliver\"", "\"purge\"", "/deliverSeconds")]
    [InlineData("\"deliver\"", "\"keep\"", "/handover")]
    [InlineData("\"deliverSeconds\":60", "\"deliverSeconds\":2592001", "/deliverSeconds")]
    [InlineData("\"epoch\":3", "\"epoch\":3,\"extra\":1", "/extra")]
    public void An_assignment_by_other_rules_is_refused_with_the_place(string part, string other, string pointer)
    {
        var refusal = Refused(() => OpenAssignment(Sign(Platform, AssignmentDocument.Type, Changed(Payload(Assignment()), part, other))));
        Assert.Equal((Refusal.InvalidPayload, pointer), (refusal.Code, refusal.Pointer));
    }

    [Fact]
    public void An_assignment_names_up_to_sixteen_keys_none_twice()
    {
        VerificationKey[] keys = [.. Enumerable.Range(0, 17).Select(_ => SigningKey.Create().Public)];
        Assert.Equal(16, OpenAssignment(SignWith(keys[..16])).Tenant!.Keys.Count);
        Assert.Equal("/tenant/keys", Refused(() => SignWith(keys)).Pointer);
        Assert.Equal("/tenant/keys", Refused(() => SignWith([])).Pointer);
        Assert.Equal("/tenant/keys/1", Refused(() => SignWith([keys[0], keys[0]])).Pointer);

        static string SignWith(VerificationKey[] keys) => AssignmentDocument.Sign(Platform, Device, 1, new AssignedTenant(Tenant, keys), Handover.Deliver, null);
    }

    [Fact]
    public void A_configuration_is_for_the_tenant_or_one_device()
    {
        var wide = ConfigurationEnvelope.Open(Bytes(Configuration()), AcmeRing, null, 1);
        Assert.Equal((Tenant, (DeviceId?)null, 2L), (wide.Tenant, wide.Device, wide.Version));
        Assert.Equal("""{"log":{"level":"debug"}}""", wide.Configuration.GetRawText());
        var overlay = ConfigurationEnvelope.Open(Bytes(Configuration(Device, configuration: """{"log":null}""")), AcmeRing, Device, 1);
        Assert.Equal((Device, """{"log":null}"""), (overlay.Device, overlay.Configuration.GetRawText()));
    }

    [Fact]
    public void A_configuration_is_taken_only_where_it_belongs_and_only_forwards()
    {
        Assert.Equal(Refusal.WrongTenant, Code(() => ConfigurationEnvelope.Open(Bytes(Configuration()), AcmeRing, Device, 0)));
        Assert.Equal(Refusal.WrongTenant, Code(() => ConfigurationEnvelope.Open(Bytes(Configuration(Device)), AcmeRing, null, 0)));
        Assert.Equal(Refusal.WrongDevice, Code(() => ConfigurationEnvelope.Open(Bytes(Configuration(OtherDevice)), AcmeRing, Device, 0)));
        Assert.Equal(Refusal.Stale, Code(() => ConfigurationEnvelope.Open(Bytes(Configuration()), AcmeRing, null, 2)));
        // One key for two tenants is still two tenants.
        var bravo = KeyRing.Create(TenantId.Parse("bravo"), [Acme.Public]);
        Assert.Equal(Refusal.WrongTenant, Code(() => ConfigurationEnvelope.Open(Bytes(Configuration()), bravo, null, 0)));
        Assert.Equal("/configuration", Refused(() => Configuration(configuration: "[]")).Pointer);
        Assert.Equal("/version", Refused(() => Configuration(version: 0)).Pointer);
    }

    [Fact]
    public void The_configuration_within_counts_for_the_depth()
    {
        Configuration(configuration: Nested(15));
        Assert.Equal(Refusal.InvalidPayload, Code(() => Configuration(configuration: Nested(16))));

        static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);
    }

    [Fact]
    public void A_command_is_for_one_device_under_its_own_id()
    {
        string text = Command(arguments: new JsonObject { ["level"] = "debug", ["seconds"] = 60, ["all"] = true });
        var command = Open(text);
        Assert.Equal(("c1", "ping", Acme.Public), (command.Id, command.Operation, command.Signer));
        Assert.Equal((Now, Now.AddSeconds(300)), (command.Issued, command.Expires));
        Assert.Equal("""{"level":"debug","seconds":60,"all":true}""", command.Arguments.GetRawText());
        Assert.Equal(Refusal.WrongId, Code(() => CommandDocument.Open(Bytes(text), [Acme.Public], Tenant, Device, "c2")));
        Assert.Equal(Refusal.WrongDevice, Code(() => CommandDocument.Open(Bytes(text), [Acme.Public], Tenant, OtherDevice, "c1")));
        Assert.Equal(Refusal.WrongTenant, Code(() => CommandDocument.Open(Bytes(text), [Acme.Public], TenantId.Parse("bravo"), Device, "c1")));
        Assert.Equal(Refusal.UnknownKey, Code(() => CommandDocument.Open(Bytes(text), [Other.Public], Tenant, Device, "c1")));
    }

    [Theory]
    [InlineData(-301, "Clock")]
    [InlineData(-300, null)]
    [InlineData(0, null)]
    [InlineData(300, null)]
    [InlineData(301, "Expired")]
    public void A_command_has_its_time(int seconds, string? code)
    {
        var command = Open(Command());
        if (code is null) command.CheckTime(Now.AddSeconds(seconds));
        else Assert.Equal(code, Code(() => command.CheckTime(Now.AddSeconds(seconds))).ToString());
    }

    [Theory]
    [InlineData("\"id\":\"c1\"", "\"id\":\"c/1\"", "/id")]
    [InlineData("\"ping\"", "\"Ping\"", "/operation")]
    [InlineData("\"ping\"", "\"\"", "/operation")]
    [InlineData("\"arguments\":{}", "\"arguments\":[]", "/arguments")]
    [InlineData("\"arguments\":{}", "\"arguments\":{\"a\":{}}", "/arguments/a")]
    [InlineData("\"arguments\":{}", "\"arguments\":{\"a\":null}", "/arguments/a")]
    [InlineData("\"arguments\":{}", "\"arguments\":{\"a b\":1}", "/arguments/a b")]
    [InlineData("\"expires\":1767323345", "\"expires\":1767323045", "/expires")]
    [InlineData("\"expires\":1767323345", "\"expires\":1767927846", "/expires")]
    [InlineData("\"expires\":1767323345", "\"expires\":1767323345000", "/expires")]
    [InlineData("\"issued\":1767323045", "\"issued\":-1", "/issued")]
    public void A_command_by_other_rules_is_refused_with_the_place(string part, string other, string pointer)
    {
        var refusal = Refused(() => Open(Sign(Acme, CommandDocument.Type, Changed(Payload(Command()), part, other))));
        Assert.Equal((Refusal.InvalidPayload, pointer), (refusal.Code, refusal.Pointer));
    }

    [Fact]
    public void A_command_has_at_most_64_arguments()
    {
        Open(Command(arguments: Many(64)));
        Assert.Equal("/arguments", Refused(() => Command(arguments: Many(65))).Pointer);

        static JsonObject Many(int count) => new(Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"a{i}", (JsonNode?)i)));
    }

    [Fact]
    public void A_refusal_has_a_stable_name() =>
        Assert.Equal(
            ["too-large", "malformed", "wrong-algorithm", "wrong-type", "unknown-key", "bad-signature", "invalid-payload", "wrong-device", "wrong-tenant", "wrong-id", "stale", "expired", "clock", "no-key-left"],
            Enum.GetValues<Refusal>().Select(code => new DocumentException(code, "").CodeName));

    private static AssignmentDocument OpenAssignment(string text) => AssignmentDocument.Open(Bytes(text), PlatformRing, Device, null);

    private static CommandDocument Open(string text) => CommandDocument.Open(Bytes(text), [Acme.Public], Tenant, Device, "c1");

    private static string Changed(string payload, string part, string other)
    {
        Assert.Contains(part, payload, StringComparison.Ordinal);
        return payload.Replace(part, other, StringComparison.Ordinal);
    }

    private static DocumentException Refused(Action open) => Assert.Throws<DocumentException>(open);

    private static DocumentException Refused(Func<object?> open) => Assert.Throws<DocumentException>(open);

    private static Refusal Code(Action open) => Refused(open).Code;

    private static Refusal Code(Func<object?> open) => Refused(open).Code;
}
