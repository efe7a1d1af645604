using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EdgeAgent.Tests.Diagnostics.Journal;

/// <summary>A socket in journald's place, and a reader of what arrives, written from the protocol's description and not from our encoder.</summary>
internal sealed class JournalReceiver : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };

    public JournalReceiver() => _socket.Bind(new UnixDomainSocketEndPoint(Path));

    public string Path => _directory["socket"];

    /// <summary>The entries that have arrived since the last call.</summary>
    public List<Dictionary<string, string>> Take()
    {
        List<Dictionary<string, string>> entries = [];
        byte[] datagram = new byte[256 * 1024];
        while (_socket.Poll(0, SelectMode.SelectRead)) entries.Add(Parse(datagram.AsSpan(0, _socket.Receive(datagram))));
        return entries;
    }

    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> entry)
    {
        Dictionary<string, string> fields = [];
        while (!entry.IsEmpty)
        {
            int end = entry.IndexOf((byte)'\n');
            int equals = entry[..end].IndexOf((byte)'=');
            if (equals >= 0)
            {
                fields.Add(Encoding.ASCII.GetString(entry[..equals]), Text(entry[(equals + 1)..end]));
                entry = entry[(end + 1)..];
                continue;
            }
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(entry[(end + 1)..]);
            fields.Add(Encoding.ASCII.GetString(entry[..end]), Text(entry.Slice(end + 9, length)));
            Assert.Equal((byte)'\n', entry[end + 9 + length]);
            entry = entry[(end + 10 + length)..];
        }
        return fields;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _directory.Dispose();
    }

    private static string Text(ReadOnlySpan<byte> bytes) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
}
