using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>How decoded frames are printed.</summary>
internal interface IFrameWriter : IDisposable
{
    void Write(long timestampNs, string bus, DbcMessage message, ReadOnlySpan<SignalValue> values, bool truncated);

    void Flush();
}
