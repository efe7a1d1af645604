using System.Text;
using CsCheck;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class JwsTests
{
    private const string Type = "edge-test+jws";

    private static string Id => Acme.Public.Id;

    [Fact]
    public void What_was_signed_opens_with_or_without_one_line_feed_behind_it()
    {
        string text = Jws.Sign(Acme, Type, new() { ["a"] = 1 });
        foreach (string form in new[] { text, text + "\n" })
        {
            var (signer, payload) = Open(form);
            Assert.Equal((Acme.Public, """{"a":1}"""), (signer, payload.GetRawText()));
        }
        Assert.Equal(Refusal.Malformed, RefusalOf(text + "\n\n").Code);
        Assert.Equal(Refusal.Malformed, RefusalOf(text + "\r\n").Code);
        Assert.Equal(Refusal.Malformed, RefusalOf(" " + text).Code);
    }

    [Theory]
    [InlineData("""{"typ":"edge-test+jws","kid":"KID","alg":"ES256"}""", null, null)]
    [InlineData("""{ "kid" : "KID", "alg" : "ES256", "typ" : "edge-test+jws" }""", null, null)]
    [InlineData("""{"alg":"none","typ":"edge-test+jws","kid":"KID"}""", "WrongAlgorithm", "/alg")]
    [InlineData("""{"alg":"HS256","typ":"edge-test+jws","kid":"KID"}""", "WrongAlgorithm", "/alg")]
    [InlineData("""{"alg":"RS256","typ":"edge-test+jws","kid":"KID"}""", "WrongAlgorithm", "/alg")]
    [InlineData("""{"alg":"es256","typ":"edge-test+jws","kid":"KID"}""", "WrongAlgorithm", "/alg")]
    [InlineData("""{"alg":"ES256","alg":"none","typ":"edge-test+jws","kid":"KID"}""", "Malformed", "/alg")]
    [InlineData("""{"alg":"none","alg":"ES256","typ":"edge-test+jws","kid":"KID"}""", "Malformed", "/alg")]
    [InlineData("""{"alg":"ES256","\u0061lg":"ES256","typ":"edge-test+jws","kid":"KID"}""", "Malformed", "/alg")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"KID","jwk":JWK}""", "Malformed", "/jwk")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"KID","crit":["b64"],"b64":false}""", "Malformed", "/crit")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"KID","x5u":"https://a"}""", "Malformed", "/x5u")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws"}""", "Malformed", "/kid")]
    [InlineData("""{"alg":"ES256","kid":"KID"}""", "Malformed", "/typ")]
    [InlineData("""{"typ":"edge-test+jws","kid":"KID"}""", "Malformed", "/alg")]
    [InlineData("""{"alg":["ES256"],"typ":"edge-test+jws","kid":"KID"}""", "Malformed", "/alg")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"KID"} {}""", "Malformed", "")]
    [InlineData("""["ES256"]""", "Malformed", "")]
    [InlineData("""{"alg":"ES256","typ":"edge-other+jws","kid":"KID"}""", "WrongType", "/typ")]
    [InlineData("""{"alg":"ES256","typ":"EDGE-TEST+JWS","kid":"KID"}""", "WrongType", "/typ")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"another"}""", "UnknownKey", "/kid")]
    [InlineData("""{"alg":"ES256","typ":"edge-test+jws","kid":"a\nb\u2028c"}""", "UnknownKey", "/kid")]
    public void The_header_is_exactly_algorithm_kind_and_key(string header, string? code, string? pointer)
    {
        header = header.Replace("KID", Id, StringComparison.Ordinal).Replace("JWK", Acme.Public.ToString(), StringComparison.Ordinal);
        string text = SignRaw(Acme, header, "{}"u8);
        if (code is null)
        {
            Assert.Equal("{}", Open(text).Payload.GetRawText());
            return;
        }
        var refusal = RefusalOf(text);
        Assert.Equal((code, pointer), (refusal.Code.ToString(), refusal.Pointer));
        Assert.DoesNotContain(refusal.Message, char.IsControl);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":1}/*c*/")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("\uFEFF{}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1}")]
    public void The_payload_is_strict_json(string payload)
    {
        Assert.Equal(Refusal.InvalidPayload, RefusalOf(Sign(Acme, Type, payload)).Code);
    }

    [Fact]
    public void A_payload_with_a_name_twice_is_refused_with_its_place()
    {
        Assert.Equal("/a~1b/1/c", RefusalOf(Sign(Acme, Type, """{"a/b":[0,{"c":1,"c":2}]}""")).Pointer);
        Assert.Equal("/c", RefusalOf(Sign(Acme, Type, """{"c":1,"\u0063":2}""")).Pointer);
    }

    [Fact]
    public void Sixteen_levels_are_enough()
    {
        Open(Sign(Acme, Type, new string('[', 16) + new string(']', 16)));
        var refusal = RefusalOf(Sign(Acme, Type, new string('[', 17) + new string(']', 17)));
        Assert.Equal(Refusal.InvalidPayload, refusal.Code);
        Assert.Contains("deeper than 16", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        string header = $$"""{"alg":"ES256","typ":"{{Type}}","kid":"{{Id}}"}""";
        Assert.Equal(Refusal.InvalidPayload, RefusalOf(SignRaw(Acme, header, [(byte)'"', 0xC0, 0x80, (byte)'"'])).Code);
    }

    [Fact]
    public void A_document_has_at_most_256_KiB()
    {
        string frame = Jws.Sign(Acme, Type, new() { ["a"] = "" });
        string largest = Jws.Sign(Acme, Type, new() { ["a"] = new string('x', (Jws.MaxBytes - frame.Length) * 3 / 4) });
        Assert.InRange(largest.Length, Jws.MaxBytes - 3, Jws.MaxBytes);
        Open(largest + "\n");
        Assert.Equal(Refusal.TooLarge, RefusalOf(Sign(Acme, Type, $"\"{new string('x', Jws.MaxBytes)}\"")).Code);
        Assert.Equal(Refusal.TooLarge, Assert.Throws<DocumentException>(() => Jws.Sign(Acme, Type, new() { ["a"] = new string('x', Jws.MaxBytes * 3 / 4) })).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("{\"protected\":\"\",\"payload\":\"\",\"signature\":\"\"}")]
    public void What_is_no_compact_jws_is_refused(string text) => Assert.Equal(Refusal.Malformed, RefusalOf(text).Code);

    [Fact]
    public void The_signature_is_looked_at_before_the_payload()
    {
        // The payload would be refused for itself, if anybody looked at it.
        string[] parts = Sign(Acme, Type, "{\"a\":1,\"a\":2}").Split('.');
        string otherSignature = Sign(Acme, Type, "{}").Split('.')[2];
        Assert.Equal(Refusal.BadSignature, RefusalOf($"{parts[0]}.{parts[1]}.{otherSignature}").Code);
        Assert.Equal(Refusal.Malformed, RefusalOf($"{parts[0]}.{parts[1]}.").Code);
        Assert.Equal(Refusal.Malformed, RefusalOf($"{parts[0]}.{parts[1]}.{parts[2]}AA").Code);
        // r and s in DER, as other tools write it
        Assert.Equal(Refusal.Malformed, RefusalOf($"{parts[0]}.{parts[1]}.{Base64UrlText.Encode(new byte[70])}").Code);
        Assert.Equal(Refusal.BadSignature, RefusalOf($"{parts[0]}.{parts[1]}.{Base64UrlText.Encode(new byte[64])}").Code);
    }

    [Fact]
    public void Another_key_under_the_name_of_a_trusted_one_is_found_out()
    {
        string header = $$"""{"alg":"ES256","typ":"{{Type}}","kid":"{{Id}}"}""";
        Assert.Equal(Refusal.BadSignature, RefusalOf(SignRaw(Other, header, "{}"u8)).Code);
        Assert.Equal(Refusal.UnknownKey, RefusalOf(Sign(Other, Type, "{}")).Code);
    }

    [Fact]
    public void A_document_in_which_any_byte_was_changed_is_refused()
    {
        byte[] text = Bytes(Jws.Sign(Acme, Type, new() { ["device"] = "dongle-1", ["epoch"] = 7 }));
        Gen.Select(Gen.Int[0, text.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            if (text[at] == value) return;
            byte[] changed = [.. text];
            changed[at] = value;
            Assert.Throws<DocumentException>(() => Jws.Open(changed, Type, [Acme.Public]));
        });
        for (int length = 0; length < text.Length; length++) Assert.Throws<DocumentException>(() => Jws.Open(text.AsSpan(0, length), Type, [Acme.Public]));
    }

    [Fact]
    public void Base64url_has_one_text_for_given_bytes()
    {
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            string text = Base64UrlText.Encode(bytes);
            Assert.True(Base64UrlText.TryDecode(Encoding.ASCII.GetBytes(text), out byte[]? back));
            Assert.Equal(bytes, back);
        });
        foreach (string wrong in new[] { "QQ==", "QQ=", "Q", "QR", "QQ ", "Q Q", "QUI\n", "+/+/", "QUJ", "ä" })
            Assert.False(Base64UrlText.TryDecode(Bytes(wrong), out _), wrong);
    }

    private static VerifiedPayload Open(string text) => Jws.Open(Bytes(text), Type, [Acme.Public]);

    private static DocumentException RefusalOf(string text) => Assert.Throws<DocumentException>(() => Open(text));
}
