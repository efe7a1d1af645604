using System.Security.Cryptography;
using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Outbox;

public sealed class BatchCipherTests : IDisposable
{
    private readonly BatchCipher _cipher = new();
    private readonly AesGcm _key = new(new byte[32], BatchCipher.TagBytes);

    public void Dispose()
    {
        _cipher.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void What_was_sealed_opens_the_same() =>
        Gen.OneOf(Gen.Byte.Array[0, 600], Gen.Byte[0, 3].Array[0, 4000]).Sample(
            payload =>
            {
                var batch = Batch(payload);
                Assert.Equal(payload, _cipher.Open(batch with { Payload = [] }, _cipher.Seal(batch, _key), _key).Payload);
            },
            threads: 1);

    [Fact]
    public void What_repeats_itself_is_smaller_on_the_disk_and_never_the_same_twice()
    {
        var batch = Batch(new byte[4000]);
        byte[] once = _cipher.Seal(batch, _key), again = _cipher.Seal(batch, _key);
        Assert.InRange(once.Length, 1, 400);
        Assert.NotEqual(once, again);
    }

    [Fact]
    public void Neither_the_payload_nor_whose_it_is_can_be_altered()
    {
        var batch = Batch([5, 6, 7]);
        byte[] stored = _cipher.Seal(batch, _key);
        Batch[] others =
        [
            batch with { Stamp = TestStamps.Of("other", 1) }, batch with { Stamp = TestStamps.Of("acme", 2) }, batch with { Channel = Channel.Health },
            batch with { FirstSequence = 2 }, batch with { Count = 3 }, batch with { FirstTimeNs = 4 },
            batch with { ClockAtSeal = new WallClockReading(5, true) }, batch with { ClockAtSeal = new WallClockReading(4, false) },
        ];
        Assert.All(others, other => Assert.ThrowsAny<CryptographicException>(() => _cipher.Open(other, stored, _key)));
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => _cipher.Open(batch, stored, _key));
            stored[i] ^= 1;
        }
        Assert.ThrowsAny<CryptographicException>(() => _cipher.Open(batch, stored.AsSpan(0, 20), _key));
    }

    private static Batch Batch(byte[] payload) => new(TestStamps.Acme, Channel.Telemetry, 1, 2, 3, new WallClockReading(4, true), payload);
}
