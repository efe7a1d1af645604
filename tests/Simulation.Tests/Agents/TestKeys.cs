using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>Real keys that are the same in every run: their numbers say which.</summary>
internal static class TestKeys
{
    /// <summary>A thread's own: keys are not safe for several at once.</summary>
    [ThreadStatic]
    private static Dictionary<int, SigningKey>? _keys;

    public static SigningKey Number(int number)
    {
        _keys ??= [];
        if (!_keys.TryGetValue(number, out var key)) _keys.Add(number, key = Make(number));
        return key;
    }

    private static SigningKey Make(int number)
    {
        byte[] d = SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key {number} of the simulation")));
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
        var parameters = key.ExportParameters(includePrivateParameters: true);
        return SigningKey.Parse(Encoding.ASCII.GetBytes(
            $$"""{"kty":"EC","crv":"P-256","x":"{{Base64UrlText.Encode(parameters.Q.X)}}","y":"{{Base64UrlText.Encode(parameters.Q.Y)}}","d":"{{Base64UrlText.Encode(parameters.D)}}"}"""));
    }
}

/// <summary>The keys of the platform or a tenant in the cloud, with all rotations so far.</summary>
internal sealed class KeyAuthority(TenantId? tenant, Func<SigningKey> next)
{
    private readonly List<SigningKey> _keys = [next()];
    private readonly List<SigningKey> _revoked = [];

    /// <summary>That of the last rotation.</summary>
    public long Version { get; private set; }

    /// <summary>What signs from now on.</summary>
    public SigningKey Signer => _keys[^1];

    public IReadOnlyList<VerificationKey> Public => [.. _keys.Select(key => key.Public)];

    /// <summary>A key that was valid once; null if there is none.</summary>
    public SigningKey? LastRevoked => _revoked.LastOrDefault();

    /// <summary>Introduces another key, and revokes the oldest of those before unless both shall be valid.</summary>
    public string Rotate(bool keepsOld)
    {
        var signer = Signer;
        _keys.Add(next());
        if (!keepsOld)
        {
            _revoked.AddRange(_keys[..^1]);
            _keys.RemoveRange(0, _keys.Count - 1);
        }
        return KeysDocument.Sign(signer, tenant, ++Version, Public, [.. _revoked.Select(key => key.Public.Id)]);
    }
}
