using System.Buffers.Binary;
using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>
/// A sealed run of records with consecutive sequence numbers, all of one stamp and for one channel: many samples, or one message. It can no
/// longer change, and says by itself whose it is and what it means: nothing outside is needed to publish it, today or after an update of the configuration.
/// </summary>
/// <param name="Stamp">Whose it is.</param>
/// <param name="Channel">Where it is to be published, and so in which stream it is numbered and how long it is kept.</param>
/// <param name="FirstSequence">The number of its first record; the others follow without a gap.</param>
/// <param name="Count">How many records it holds; 1 for a message.</param>
/// <param name="FirstTimeNs">The time of its first record, in nanoseconds since the boot of the stamp.</param>
/// <param name="ClockAtSeal">The wall clock when it was sealed: used if the batch leaves in a later boot.</param>
/// <param name="Payload">Samples in the format of <see cref="SamplePayload"/>; of a message the members of its JSON object, without braces.</param>
internal sealed record Batch(
    RecordStamp Stamp, Channel Channel, long FirstSequence, int Count, long FirstTimeNs, WallClockReading ClockAtSeal, byte[] Payload)
{
    public long LastSequence => FirstSequence + Count - 1;

    /// <summary>Everything but the payload, as what the encryption of the payload vouches for: whose a batch is cannot be altered on the disk.</summary>
    public byte[] Identity()
    {
        byte[] names = Encoding.UTF8.GetBytes($"{Stamp.Device}\n{Stamp.Tenant}\n{Stamp.Epoch}\n{Stamp.Boot}\n{Channel}\n");
        byte[] identity = new byte[names.Length + 8 * 3 + 5];
        names.CopyTo(identity, 0);
        var numbers = identity.AsSpan(names.Length);
        BinaryPrimitives.WriteInt64LittleEndian(numbers, FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], FirstTimeNs);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], ClockAtSeal.OffsetNs);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[24..], Count);
        numbers[28] = ClockAtSeal.Synchronized ? (byte)1 : (byte)0;
        return identity;
    }
}
