using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tests.Tenancy;

public sealed class KeyTests : IDisposable
{
    // RFC 7515 A.3.1
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

    private const string Public = $$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}"}""";

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_signature_of_RFC_7515_A_3_is_found_right()
    {
        const string signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const string signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        Assert.True(Base64UrlText.TryDecode(TestDocuments.Bytes(signature), out byte[]? bytes));
        var key = VerificationKey.Parse(TestDocuments.Bytes(Public));
        Assert.True(key.Verifies(TestDocuments.Bytes(signed), bytes));
        Assert.False(key.Verifies(TestDocuments.Bytes(signed + "A"), bytes));
        // Its header has neither typ nor kid, so it is none of our documents.
        Assert.Equal(Refusal.Malformed, Assert.Throws<DocumentException>(() => Jws.Open(TestDocuments.Bytes($"{signed}.{signature}"), "JOSE", [key])).Code);
        using var own = SigningKey.Parse(TestDocuments.Bytes(Public[..^1] + $$""","d":"{{D}}"}"""));
        Assert.Equal(key, own.Public);
        Assert.True(key.Verifies("x"u8, own.Sign("x"u8)));
    }

    [Fact]
    public void The_id_of_a_key_is_its_thumbprint_of_RFC_7638()
    {
        // RFC 7638 §3.1
        const string n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", VerificationKey.Thumbprint([("kty", "RSA"), ("n", n), ("e", "AQAB")]));
        // RFC 9449 §4 and §6.1: a key of P-256
        var key = VerificationKey.Parse("""{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"""u8);
        Assert.Equal("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", key.Id);
    }

    [Theory]
    [InlineData("\"EC\"", "\"RSA\"", "/kty")]
    [InlineData("\"P-256\"", "\"P-384\"", "/crv")]
    [InlineData("\"P-256\"", "\"P-256\",\"d\":\"" + D + "\"", "/d")]
    [InlineData("\"P-256\"", "\"P-256\",\"use\":\"sig\"", "/use")]
    [InlineData("\"kty\":\"EC\",", "", "/kty")]
    [InlineData("\"x\":\"" + X + "\",", "", "/x")]
    [InlineData("VEU\"", "VEU=\"", "/x")]
    [InlineData("VEU\"", "VE\"", "/x")]
    [InlineData("VEU\"", "VEV\"", "/x")] // the same bytes, and two bits more behind them
    [InlineData("\"" + X + "\"", "17", "/x")]
    [InlineData("\"" + Y + "\"", "\"" + X + "\"", "/y")] // not on the curve
    [InlineData("\"" + X + "\"", "\"_____________________________________________w8\"", "/x")]
    [InlineData("}", "}}", "")]
    [InlineData("{", "[", "")]
    public void A_public_key_is_exactly_a_point_of_the_curve(string part, string other, string pointer)
    {
        string text = Public.Replace(part, other, StringComparison.Ordinal);
        Assert.NotEqual(Public, text);
        var refusal = Assert.Throws<DocumentException>(() => VerificationKey.Parse(TestDocuments.Bytes(text)));
        Assert.Equal((Refusal.Malformed, pointer), (refusal.Code, refusal.Pointer));
    }

    [Fact]
    public void A_private_key_is_saved_for_its_owner_alone_and_never_over_something()
    {
        using var key = SigningKey.Create();
        string path = _directory["tenant.key"];
        key.Save(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var loaded = SigningKey.Load(path);
        Assert.Equal(key.Public, loaded.Public);
        string before = File.ReadAllText(path);
        Assert.Throws<IOException>(() => SigningKey.Create().Save(path));
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("jps", "kps")] // another key's
    [InlineData(D, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData(D, "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE")] // the order of the curve
    [InlineData(D, "AAAA")]
    public void A_private_key_must_be_that_of_its_public_one(string part, string other)
    {
        string text = (Public[..^1] + $$""","d":"{{D}}"}""").Replace(part, other, StringComparison.Ordinal);
        var refusal = Assert.Throws<DocumentException>(() => SigningKey.Parse(TestDocuments.Bytes(text)));
        Assert.Equal((Refusal.Malformed, "/d"), (refusal.Code, refusal.Pointer));
        Assert.DoesNotContain(other, refusal.Message, StringComparison.Ordinal);
    }
}
