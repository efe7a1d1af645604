using System.Security.Cryptography;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Each tenant's data key, in <c>tenants/{tenant}/key</c>: 32 random bytes, made and on the disk before the first batch is encrypted with it.
/// Without the key nothing of the tenant's segments can be read, which is what makes a purge quick and sure. Not thread-safe.
/// </summary>
internal sealed class TenantKeys(IDisk disk, ILogger logger) : IDisposable
{
    public const int KeyBytes = 32;

    private readonly Dictionary<TenantId, AesGcm> _keys = [];

    /// <summary>The tenant's key; null if it has none.</summary>
    public AesGcm? Find(TenantId tenant)
    {
        if (_keys.TryGetValue(tenant, out var known)) return known;
        if (disk.TryRead(PathOf(tenant)) is not { } key || !IsUsable(key)) return null;
        return Adopt(tenant, key);
    }

    /// <summary>The tenant's key, which is made if there is none.</summary>
    /// <exception cref="IOException">It cannot be made durable, so nothing may be encrypted with it.</exception>
    public AesGcm Require(TenantId tenant)
    {
        if (Find(tenant) is { } known) return known;
        if (disk.TryRead(PathOf(tenant)) is { } old && old.AsSpan().ContainsAnyExcept((byte)0)) OutboxLog.KeyDamaged(logger, tenant);
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        disk.Replace(PathOf(tenant), key);
        return Adopt(tenant, key);
    }

    /// <summary>
    /// Overwrites the key, syncs and deletes it. Whether the flash still holds the old bytes in a worn block is beyond a file system's reach;
    /// no reader of files gets them.
    /// </summary>
    /// <exception cref="IOException">The key may still be there.</exception>
    public void Destroy(TenantId tenant)
    {
        if (disk.TryRead(PathOf(tenant)) is { } key)
        {
            CryptographicOperations.ZeroMemory(key);
            disk.Overwrite(PathOf(tenant), key);
            disk.Delete(PathOf(tenant));
        }
        if (_keys.Remove(tenant, out var known)) known.Dispose();
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
        _keys.Clear();
    }

    private AesGcm Adopt(TenantId tenant, byte[] key)
    {
        var cipher = _keys[tenant] = new AesGcm(key, BatchCipher.TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    /// <summary>One that was overwritten may still have its name after a power cut.</summary>
    private static bool IsUsable(byte[] key) => key.Length == KeyBytes && key.AsSpan().ContainsAnyExcept((byte)0);

    private static string PathOf(TenantId tenant) => $"tenants/{tenant}/key";
}
