using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeAgent.SystemTests;

/// <summary>The commands that make keys and documents, as scripts use them.</summary>
public sealed class DocumentCommandTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_key_signs_an_assignment_that_any_jose_library_can_check()
    {
        string jwk = (await Succeeds("key", "new", "--out", _workspace["platform.key"])).TrimEnd('\n');
        Assert.DoesNotContain('\n', jwk);
        Assert.Equal(jwk, (await Succeeds("key", "public", _workspace["platform.key"])).TrimEnd('\n'));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_workspace["platform.key"]));
        string file = _workspace.Write("tenant.pub", await Succeeds("key", "new", "--out", _workspace["tenant.key"]));

        string jws = await Succeeds("assignment", "sign", "--key", _workspace["platform.key"], "--device", "d1", "--tenant", "acme", "--tenant-key", file, "--tenant-key", jwk, "--epoch", "3");
        Assert.EndsWith("\n", jws, StringComparison.Ordinal);
        string[] parts = jws.TrimEnd('\n').Split('.');
        using var header = JsonDocument.Parse(Decode(parts[0]));
        Assert.Equal("ES256", header.RootElement.GetProperty("alg").GetString());
        Assert.Equal("edge-assignment+jws", header.RootElement.GetProperty("typ").GetString());
        using var payload = JsonDocument.Parse(Decode(parts[1]));
        Assert.Equal(2, payload.RootElement.GetProperty("tenant").GetProperty("keys").GetArrayLength());
        Assert.Equal("deliver", payload.RootElement.GetProperty("handover").GetString());
        using var key = JsonDocument.Parse(jwk);
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Decode(key.RootElement.GetProperty("x").GetString()!), Y = Decode(key.RootElement.GetProperty("y").GetString()!) },
        });
        Assert.True(ecdsa.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256));

        var shown = await Rig.RunAsync(Rig.Agent, ["document", "show", "-"], jws);
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("\"epoch\": 3", shown.Output, StringComparison.Ordinal);
        Assert.Contains("not checked", shown.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_arguments_of_a_command_are_numbers_truths_or_text()
    {
        await Succeeds("key", "new", "--out", _workspace["tenant.key"]);
        string jws = await Succeeds("command", "sign", "--key", _workspace["tenant.key"], "--tenant", "acme", "--device", "d1", "--id", "c1", "--operation", "can.record",
            "--argument", "seconds=5", "--argument", "on=true", "--argument", "pid=0C", "--argument", "mode=01", "--argument", "text=a=b", "--argument", "none=null", "--expires", "60");
        using var payload = JsonDocument.Parse(Decode(jws.Split('.')[1]));
        Assert.Equal("""{"seconds":5,"on":true,"pid":"0C","mode":"01","text":"a=b","none":"null"}""", payload.RootElement.GetProperty("arguments").GetRawText());
        Assert.Equal(60, payload.RootElement.GetProperty("expires").GetInt64() - payload.RootElement.GetProperty("issued").GetInt64());
    }

    [Fact]
    public async Task A_configuration_is_checked_before_it_is_signed_and_an_overlay_may_take_things_away()
    {
        await Succeeds("key", "new", "--out", _workspace["tenant.key"]);
        string good = _workspace.Write("good.json", """{"access":{"users":{"mia":"viewer"}}}""");
        string bad = _workspace.Write("bad.json", """{"access":{"users":{"mia":"king"},"roles":{"viewer":["fly"]}}}""");
        string overlay = _workspace.Write("overlay.json", """{"access":{"users":{"mia":null}}}""");
        await Succeeds("config", "validate", good);
        await Succeeds("config", "validate", _workspace.Configure());
        string jws = await Succeeds("config", "sign", "--key", _workspace["tenant.key"], "--tenant", "acme", "--version", "7", good);
        using var payload = JsonDocument.Parse(Decode(jws.Split('.')[1]));
        Assert.Equal(7, payload.RootElement.GetProperty("version").GetInt64());
        await Succeeds("config", "sign", "--key", _workspace["tenant.key"], "--tenant", "acme", "--device", "d1", "--version", "1", overlay);
        foreach (string[] arguments in (string[][])[["config", "validate", bad], ["config", "sign", "--key", _workspace["tenant.key"], "--tenant", "acme", "--version", "8", bad]])
        {
            var result = await Rig.RunAsync(Rig.Agent, arguments);
            Assert.Equal(5, result.ExitCode);
            Assert.Contains("/access/users/mia: 'king' is no role", result.Errors, StringComparison.Ordinal);
            Assert.Contains("/access/roles/viewer/0: no operation", result.Errors, StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public async Task A_rotation_lists_what_is_trusted_from_now_on()
    {
        string old = await Succeeds("key", "new", "--out", _workspace["old.key"]);
        string next = await Succeeds("key", "new", "--out", _workspace["new.key"]);
        string jws = await Succeeds("key", "rotate", "--key", _workspace["old.key"], "--platform", "--version", "1", "--keep", old, next);
        using var payload = JsonDocument.Parse(Decode(jws.Split('.')[1]));
        Assert.Equal(("platform", 2), (payload.RootElement.GetProperty("scope").GetString(), payload.RootElement.GetProperty("keys").GetArrayLength()));
        using var header = JsonDocument.Parse(Decode(jws.Split('.')[0]));
        var refused = await Rig.RunAsync(Rig.Agent, ["key", "rotate", "--key", _workspace["old.key"], "--platform", "--version", "1", "--keep", old, $"--revoke={header.RootElement.GetProperty("kid").GetString()}"]);
        Assert.Equal(5, refused.ExitCode);
    }

    [Fact]
    public async Task A_file_is_split_into_what_its_digest_puts_together_again()
    {
        byte[] content = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * i / 7))];
        File.WriteAllBytes(_workspace["big"], content);
        string digest = (await Succeeds("artifact", "split", _workspace["big"], "--chunk-bytes", "300", "--out", _workspace["chunks"])).TrimEnd('\n');
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), digest);
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_workspace["chunks"], digest)));
        byte[] together = [.. manifest.RootElement.GetProperty("chunks").EnumerateArray().SelectMany(chunk => File.ReadAllBytes(Path.Combine(_workspace["chunks"], chunk.GetString()!)))];
        Assert.Equal(content, together);
        Assert.Equal(1000, manifest.RootElement.GetProperty("size").GetInt64());
        Assert.Equal(digest, (await Succeeds("artifact", "split", _workspace["big"], "--chunk-bytes", "1000", "--out", _workspace["whole"])).TrimEnd('\n'));
        Assert.Equal(content, File.ReadAllBytes(Assert.Single(Directory.GetFiles(_workspace["whole"]))));
    }

    [Theory]
    [InlineData("key new --out tenant.key", 5, "exists already")]
    [InlineData("key public nope.key", 5, "no such file")]
    [InlineData("key public vehicle.dbc", 5, "no JSON")]
    [InlineData("assignment sign --key tenant.key --device d/1 --none --epoch 1", 2, "--device: 'd/1' is no id")]
    [InlineData("assignment sign --key tenant.key --device d1 --epoch 1", 2, "to whom?")]
    [InlineData("assignment sign --key tenant.key --device d1 --none --tenant acme --epoch 1", 2, "to whom?")]
    [InlineData("assignment sign --key tenant.key --device d1 --tenant acme --epoch 1", 2, "belong together")]
    [InlineData("assignment sign --key tenant.key --device d1 --none --epoch 0", 5, "/epoch: expected an integer")]
    [InlineData("assignment sign --key tenant.key --device d1 --none --epoch 1 --handover purge --deliver-seconds 5", 5, "/deliverSeconds")]
    [InlineData("assignment sign --key tenant.key --device d1 --tenant acme --tenant-key tenant.key --epoch 1", 5, "/d: a private key")]
    [InlineData("command sign --key tenant.key --tenant acme --device d1 --id c1 --operation fly", 2, "expected one of: ping")]
    [InlineData("command sign --key tenant.key --tenant acme --device d1 --id c1 --operation ping --argument x", 2, "expected NAME=VALUE")]
    [InlineData("command sign --key tenant.key --tenant acme --device d1 --id c1 --operation ping --expires 604801", 2, "--expires")]
    [InlineData("document show tenant.key", 5, "no compact JWS")]
    [InlineData("key rotate --key tenant.key --version 1 --keep tenant.key", 2, "--platform or --tenant")]
    public async Task A_mistake_is_answered_with_what_where_and_what_to_do(string arguments, int exitCode, string message)
    {
        await Succeeds("key", "new", "--out", _workspace["tenant.key"]);
        string[] words = [.. arguments.Split(' ').Select(word => word.Contains(".key", StringComparison.Ordinal) || word.Contains(".dbc", StringComparison.Ordinal) ? _workspace[word] : word)];
        var result = await Rig.RunAsync(Rig.Agent, words);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.StartsWith("edge-agent: ", Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<string> Succeeds(params string[] arguments)
    {
        var result = await Rig.RunAsync(Rig.Agent, arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output;
    }

    private static byte[] Decode(string part) => System.Buffers.Text.Base64Url.DecodeFromChars(part);
}
