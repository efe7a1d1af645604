using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class UpdateManifestTests
{
    internal static string Signed => UpdateManifest.Sign(Platform, "1.2.3", "arm64", Sha256Digest.Of([1]), 100, 2, 180, mayDowngrade: false);

    [Fact]
    public void A_manifest_names_one_package_byte_by_byte()
    {
        var manifest = UpdateManifest.Open(Bytes(Signed), [Platform.Public]);
        Assert.Equal(("1.2.3", "arm64", Sha256Digest.Of([1]), 100L, 2, TimeSpan.FromSeconds(180), false),
            (manifest.Version.ToString(), manifest.Architecture, manifest.Digest, manifest.Size, manifest.StoreFormat, manifest.Health, manifest.MayDowngrade));
        Assert.True(Signed.Length < EdgeAgent.Management.Commands.OperationArguments.MaxTextLength, "it has to fit into an argument of a command");
    }

    [Theory]
    [InlineData("\"edge-agent\"", "\"other\"", "/package")]
    [InlineData("\"1.2.3\"", "\"v1\"", "/version")]
    [InlineData("\"arm64\"", "\"all\"", "/architecture")]
    [InlineData("\"sha256\":\"", "\"sha256\":\"X", "/sha256")]
    [InlineData("\"size\":100", "\"size\":0", "/size")]
    [InlineData("\"size\":100", "\"size\":16777217", "/size")]
    [InlineData("\"storeFormat\":2", "\"storeFormat\":0", "/storeFormat")]
    [InlineData("\"healthSeconds\":180", "\"healthSeconds\":9", "/healthSeconds")]
    [InlineData("\"downgrade\":false", "\"downgrade\":0", "/downgrade")]
    [InlineData("\"downgrade\":false", "\"downgrade\":false,\"x\":1", "/x")]
    public void One_by_other_rules_is_refused_with_the_place(string part, string other, string pointer)
    {
        string payload = Payload(Signed).Replace(part, other, StringComparison.Ordinal);
        var refusal = Assert.Throws<DocumentException>(() => UpdateManifest.Open(Bytes(Sign(Platform, UpdateManifest.Type, payload)), [Platform.Public]));
        Assert.Equal((Refusal.InvalidPayload, pointer), (refusal.Code, refusal.Pointer));
    }

    /// <summary>As dpkg --compare-versions has them.</summary>
    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "1.00", 0)]
    [InlineData("1.0", "1.0-0", 0)]
    [InlineData("0.9", "0.10", -1)]
    [InlineData("1.0~rc1", "1.0", -1)]
    [InlineData("1.0~~", "1.0~", -1)]
    [InlineData("1.0", "1.0a", -1)]
    [InlineData("1.0a", "1.0+", -1)]
    [InlineData("1.0+b1", "1.0.1", -1)]
    [InlineData("2.0", "1:1.0", -1)]
    [InlineData("1.0-1", "1.0-2", -1)]
    [InlineData("1.0-9", "1.0-10", -1)]
    [InlineData("1-1-1", "1-2", 1)]
    [InlineData("1.18446744073709551616", "1.18446744073709551617", -1)]
    public void Versions_are_ordered_as_dpkg_orders_them(string one, string other, int order)
    {
        Assert.True(DebianVersion.TryParse(one, out var first) & DebianVersion.TryParse(other, out var second));
        Assert.Equal((order, -order), (first.CompareTo(second), second.CompareTo(first)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a1")]
    [InlineData("1 0")]
    [InlineData("1/0")]
    [InlineData("1.0\n")]
    public void What_is_no_version_is_none(string text) => Assert.False(DebianVersion.TryParse(text, out _));
}
