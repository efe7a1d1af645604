namespace EdgeAgent.Diagnostics;

/// <summary>
/// How much went over a CAN interface by the kernel's own counters: everything on the bus, also the frames that the agent's filters pass
/// over, and so the measure of the bus's load.
/// </summary>
/// <param name="root">The directory that holds <c>sys</c>.</param>
internal sealed class BusTraffic(string root = "/")
{
    /// <summary>A data frame with an 11-bit identifier, up to and including the pause behind it (ISO 11898-1: 44 bits and 3 of pause).</summary>
    private const int BitsOfFrame = 47;

    /// <summary>Stuff bits make real frames longer, by a fifth at most and by about a tenth as a rule.</summary>
    private const double Stuffing = 1.1;

    private readonly SystemFiles _files = new(root);

    /// <summary>
    /// Bits since the interface was made, estimated: the counters know neither identifiers nor stuff bits nor bit rate switches. Null if there is no such interface.
    /// </summary>
    public double? Bits(string interfaceName) =>
        Count(interfaceName, "rx_packets") + Count(interfaceName, "tx_packets") is { } frames && Count(interfaceName, "rx_bytes") + Count(interfaceName, "tx_bytes") is { } bytes
            ? (frames * (double)BitsOfFrame + bytes * 8.0) * Stuffing
            : null;

    private long? Count(string interfaceName, string counter) =>
        interfaceName.Contains('/', StringComparison.Ordinal) ? null : _files.Number($"sys/class/net/{interfaceName}/statistics/{counter}");
}
