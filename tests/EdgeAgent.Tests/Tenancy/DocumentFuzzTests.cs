using System.Globalization;
using System.Text;
using CsCheck;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

/// <summary>Documents that were changed at random. <c>EDGE_FUZZ_DOCUMENTS</c> says how many; 20,000 if it is not set.</summary>
public sealed class DocumentFuzzTests
{
    private static readonly long Count = long.Parse(Environment.GetEnvironmentVariable("EDGE_FUZZ_DOCUMENTS") ?? "20000", CultureInfo.InvariantCulture);

    private static readonly string[] Pieces =
        ["{", "}", "[", "]", ",", ":", "\"", ".", "..", "=", "\\u0000", "\\ud800", "null", "-1", "1e999", "0.5", "true", "\n", "\0", "\u00ff", "\"alg\":\"none\"", "\"keys\":[]", new string('[', 40), "\"d\":\"x\"", "99999999999999999999"];

    private static readonly (string Text, SigningKey Key, string Type)[] Documents =
    [
        (Assignment(), Platform, AssignmentDocument.Type),
        (AssignmentDocument.Sign(Platform, Device, 1, null, Handover.Purge, null), Platform, AssignmentDocument.Type),
        (Configuration(configuration: $$$$"""{"access":{"signers":[{"key":{{{{Other.Public}}}},"role":"viewer"}],"users":{"mia":"admin"},"roles":{"viewer":["ping"]}}}"""), Acme, ConfigurationEnvelope.Type),
        (Configuration(Device), Acme, ConfigurationEnvelope.Type),
        (Command(arguments: new() { ["seconds"] = 60, ["level"] = "debug" }), Acme, CommandDocument.Type),
        (Keys(Acme, 1, Acme, Other), Acme, KeysDocument.Type),
    ];

    private static readonly Gen<byte[]> Piece = Gen.OneOf(Gen.Int[0, Pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(Pieces[i])), Gen.Byte.Array[1, 4]);

    /// <summary>Where a change begins (of a million), how many bytes it takes away, and what it puts there.</summary>
    private static readonly Gen<(int Place, int Removed, byte[] Inserted)[]> Changes =
        Gen.Select(Gen.Int[0, 999_999], Gen.Frequency((3, Gen.Int[0, 3]), (1, Gen.Int[0, 60])), Gen.OneOf(Piece, Gen.Const(Array.Empty<byte>()))).Array[1, 3];

    [Fact]
    public void A_document_that_was_changed_is_refused_and_nothing_else_happens() =>
        Gen.Select(Gen.Int[0, Documents.Length - 1], Changes).Sample((index, changes) =>
        {
            string original = Documents[index].Text;
            byte[] text = Change(Bytes(original), changes);
            if (text.AsSpan().TrimEnd((byte)'\n').SequenceEqual(Bytes(original))) return;
            Assert.Throws<DocumentException>(() => Open(index, text));
        }, iter: Count);

    [Fact]
    public void Whatever_a_trusted_key_signs_is_read_or_refused()
    {
        long read = 0;
        Gen.Select(Gen.Int[0, Documents.Length - 1], Changes).Sample((index, changes) =>
        {
            var (original, key, type) = Documents[index];
            byte[] payload = Change(Bytes(Payload(original)), changes);
            string text = SignRaw(key, $$"""{"alg":"ES256","typ":"{{type}}","kid":"{{key.Public.Id}}"}""", payload);
            try
            {
                Open(index, Bytes(text));
                // What is accepted is what the schema describes, and not only what the code happens to let through.
                Assert.True(Schemas.IsValid(Schemas.OfType(type), Encoding.UTF8.GetString(payload)), Encoding.UTF8.GetString(payload));
                Interlocked.Increment(ref read);
            }
            catch (DocumentException e)
            {
                Assert.DoesNotContain(e.Message, char.IsControl);
            }
        }, iter: Count);
        Assert.InRange(read, 1, Count / 2);
    }

    private static byte[] Change(byte[] text, (int Place, int Removed, byte[] Inserted)[] changes)
    {
        foreach (var (place, removed, inserted) in changes)
        {
            int at = (int)((long)place * text.Length / 1_000_000);
            text = [.. text[..at], .. inserted, .. text[Math.Min(text.Length, at + removed)..]];
        }
        return text;
    }

    private static void Open(int index, byte[] text)
    {
        switch (index)
        {
            case 0 or 1:
                AssignmentDocument.Open(text, PlatformRing, Device, null);
                break;
            case 2:
                var wide = ConfigurationEnvelope.Open(text, AcmeRing, null, 0);
                if (wide.Configuration.TryGetProperty("access", out var access)) _ = AccessRules.Read(access, "/access", []);
                break;
            case 3:
                ConfigurationEnvelope.Open(text, AcmeRing, Device, 0);
                break;
            case 4:
                CommandDocument.Open(text, [Acme.Public], Tenant, Device, "c1").CheckTime(Now);
                break;
            default:
                AcmeRing.Rotate(text);
                break;
        }
    }
}
