using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class KeyRingTests
{
    private readonly SigningKey _first = SigningKey.Create(), _second = SigningKey.Create(), _third = SigningKey.Create();

    [Fact]
    public void A_key_that_is_trusted_introduces_the_one_after_it()
    {
        var ring = Ring().Rotate(Rotation(_first, 1, [_first, _second]));
        Assert.Equal(1, ring.Version);
        Assert.Equal([_first.Public, _second.Public], ring.Keys);
        ring = ring.Rotate(Rotation(_second, 5, [_second, _third]));
        Assert.Equal([_second.Public, _third.Public], ring.Keys);
        Assert.Equal(Refusal.UnknownKey, Code(() => ring.Rotate(Rotation(_first, 6, [_first]))));
    }

    [Fact]
    public void Versions_only_grow()
    {
        var ring = Ring().Rotate(Rotation(_first, 3, [_first, _second]));
        Assert.Equal(Refusal.Stale, Code(() => ring.Rotate(Rotation(_first, 3, [_first]))));
        Assert.Equal(Refusal.Stale, Code(() => ring.Rotate(Rotation(_first, 2, [_first]))));
    }

    [Fact]
    public void A_revoked_key_signs_nothing_more_and_never_comes_back()
    {
        var ring = Ring().Rotate(Rotation(_first, 1, [_first, _second], _first));
        Assert.Equal([_second.Public], ring.Keys);
        Assert.Equal(Refusal.UnknownKey, Code(() => ring.Rotate(Rotation(_first, 2, [_first]))));
        ring = ring.Rotate(Rotation(_second, 2, [_first, _third]));
        Assert.Equal([_third.Public], ring.Keys);
    }

    [Fact]
    public void A_ring_is_never_empty()
    {
        Assert.Equal(Refusal.NoKeyLeft, Code(() => Rotation(_first, 1, [_second], _second)));
        Assert.Equal(Refusal.InvalidPayload, Code(() => Rotation(_first, 1, [])));
        var ring = Ring().Rotate(Rotation(_first, 1, [_first, _second], _third));
        // Nothing wrong with the document itself: the ring knows what was revoked before.
        Assert.Equal(Refusal.NoKeyLeft, Code(() => ring.Rotate(Rotation(_second, 2, [_third]))));
        Assert.Throws<ArgumentException>(() => KeyRing.Create(null, []));
    }

    [Fact]
    public void A_rotation_counts_only_for_its_own_scope()
    {
        byte[] ofPlatform = Bytes(KeysDocument.Sign(_first, null, 1, [_second.Public], []));
        Assert.Equal(Refusal.WrongTenant, Code(() => Ring().Rotate(ofPlatform)));
        Assert.Equal(Refusal.WrongTenant, Code(() => KeyRing.Create(null, [_first.Public]).Rotate(Rotation(_first, 1, [_second]))));
        Assert.Equal(Refusal.WrongTenant, Code(() => KeyRing.Create(TenantId.Parse("bravo"), [_first.Public]).Rotate(Rotation(_first, 1, [_second]))));
        Assert.Equal([_second.Public], KeyRing.Create(null, [_first.Public]).Rotate(ofPlatform).Keys);
    }

    [Theory]
    [InlineData("\"tenant\":\"acme\",", "", "/tenant")]
    [InlineData("\"scope\":\"tenant\"", "\"scope\":\"platform\"", "/tenant")]
    [InlineData("\"scope\":\"tenant\"", "\"scope\":\"all\"", "/scope")]
    [InlineData("\"version\":1", "\"version\":0", "/version")]
    [InlineData("\"revoked\":[]", "\"revoked\":[\"short\"]", "/revoked/0")]
    [InlineData("\"revoked\":[]", "\"revoked\":null", "/revoked")]
    public void A_rotation_by_other_rules_is_refused_with_the_place(string part, string other, string pointer)
    {
        string payload = Payload(Keys(_first, 1, _second));
        Assert.Contains(part, payload, StringComparison.Ordinal);
        byte[] text = Bytes(Sign(_first, KeysDocument.Type, payload.Replace(part, other, StringComparison.Ordinal)));
        var refusal = Assert.Throws<DocumentException>(() => Ring().Rotate(text));
        Assert.Equal((Refusal.InvalidPayload, pointer), (refusal.Code, refusal.Pointer));
    }

    [Fact]
    public void What_is_remembered_as_revoked_has_a_limit()
    {
        string[] ids = [.. Enumerable.Range(0, KeyRing.MaxRevoked).Select(i => Base64UrlText.Encode([.. new byte[28], .. BitConverter.GetBytes(i)]))];
        var ring = Ring().Rotate(Bytes(KeysDocument.Sign(_first, Tenant, 1, [_first.Public], ids)));
        Assert.Equal(KeyRing.MaxRevoked, ring.Revoked.Count);
        Assert.Equal("/revoked", Assert.Throws<DocumentException>(() => ring.Rotate(Rotation(_first, 2, [_first], _second))).Pointer);
        Assert.Equal(KeyRing.MaxRevoked, ring.Rotate(Bytes(KeysDocument.Sign(_first, Tenant, 2, [_first.Public], ids))).Revoked.Count);
    }

    [Fact]
    public void A_ring_comes_back_from_the_devices_state_as_it_was()
    {
        var ring = Ring().Rotate(Rotation(_first, 7, [_first, _second], _third));
        foreach (var one in new[] { ring, PlatformRing })
        {
            var back = KeyRing.FromJson(JsonOf(one.ToJson().ToJsonString()));
            Assert.Equal((one.Tenant, one.Version), (back.Tenant, back.Version));
            Assert.Equal(one.Keys, back.Keys);
            Assert.Equal(one.Revoked, back.Revoked);
        }
        Assert.Equal(Refusal.Malformed, Code(() => KeyRing.FromJson(JsonOf("""{"tenant":null,"version":0,"keys":[],"revoked":[]}"""))));
    }

    private KeyRing Ring() => KeyRing.Create(Tenant, [_first.Public]);

    private static byte[] Rotation(SigningKey signer, long version, SigningKey[] keys, params SigningKey[] revoked) =>
        Bytes(KeysDocument.Sign(signer, Tenant, version, [.. keys.Select(key => key.Public)], [.. revoked.Select(key => key.Public.Id)]));

    private static Refusal Code(Func<object?> act) => Assert.Throws<DocumentException>(act).Code;
}
