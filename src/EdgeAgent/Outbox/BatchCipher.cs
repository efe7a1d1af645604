using System.Security.Cryptography;
using ZstdSharp;

namespace EdgeAgent.Outbox;

/// <summary>
/// A batch's payload as it lies on the disk: compressed if that helps, then AES-256-GCM with the tenant's key and a fresh random nonce. What a
/// stored batch says of itself is authenticated with it. Not thread-safe.
/// </summary>
/// <remarks>
/// <code>
///  0        12            16                     16 + n      32 + n
///  ┌────────┬─────────────┬──────────────────────┬───────────┐
///  │ nonce  │ size or 0   │ ciphertext           │ tag       │
///  └────────┴─────────────┴──────────────────────┴───────────┘
/// </code>
/// The size, little endian, is that of the payload before it was compressed (zstd), or 0 if it was not. Random nonces of 96 bits are safe for
/// 2³² batches of one key; a tenant gets there after centuries.
/// </remarks>
internal sealed class BatchCipher : IDisposable
{
    public const int TagBytes = 16;

    private const int NonceBytes = 12, HeaderBytes = NonceBytes + sizeof(int);

    /// <summary>Below this a dictionary-less compression gains nothing.</summary>
    private const int WorthCompressing = 256;

    /// <summary>No payload is larger; a size beyond it is no size.</summary>
    private const int MaxPayload = 16 * 1024 * 1024;

    private Compressor? _compressor;
    private Decompressor? _decompressor;

    public byte[] Seal(Batch batch, AesGcm key)
    {
        ReadOnlySpan<byte> plain = batch.Payload;
        int size = 0;
        if (plain.Length >= WorthCompressing)
        {
            var compressed = (_compressor ??= new Compressor(level: 1)).Wrap(plain);
            if (compressed.Length < plain.Length * 15 / 16)
            {
                size = plain.Length;
                plain = compressed;
            }
        }
        byte[] stored = new byte[HeaderBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(stored.AsSpan(0, NonceBytes));
        BitConverter.TryWriteBytes(stored.AsSpan(NonceBytes), size);
        key.Encrypt(stored.AsSpan(0, NonceBytes), plain, stored.AsSpan(HeaderBytes, plain.Length), stored.AsSpan(HeaderBytes + plain.Length), Associated(batch, size));
        return stored;
    }

    /// <param name="head">The batch without its payload.</param>
    /// <param name="stored">What <see cref="Seal"/> returned.</param>
    /// <param name="key">The tenant's key.</param>
    /// <exception cref="CryptographicException">It is not what was sealed with this key.</exception>
    public Batch Open(Batch head, ReadOnlySpan<byte> stored, AesGcm key)
    {
        if (stored.Length < HeaderBytes + TagBytes) throw new CryptographicException("The batch is cut short.");
        int size = BitConverter.ToInt32(stored[NonceBytes..]);
        byte[] plain = new byte[stored.Length - HeaderBytes - TagBytes];
        key.Decrypt(stored[..NonceBytes], stored.Slice(HeaderBytes, plain.Length), stored[^TagBytes..], plain, Associated(head, size));
        if (size == 0) return head with { Payload = plain };
        if (size is < 0 or > MaxPayload) throw new CryptographicException("The batch has no such size.");
        byte[] payload = new byte[size];
        try
        {
            if ((_decompressor ??= new Decompressor()).Unwrap(plain, payload) == size) return head with { Payload = payload };
        }
        catch (ZstdException e)
        {
            throw new CryptographicException(e.Message, e);
        }
        throw new CryptographicException("The batch has not its size.");
    }

    public void Dispose()
    {
        _compressor?.Dispose();
        _decompressor?.Dispose();
    }

    private static byte[] Associated(Batch batch, int size) => [.. batch.Identity(), .. BitConverter.GetBytes(size)];
}
