namespace EdgeAgent.Obd.Elm;

/// <summary>How an adapter is used.</summary>
public sealed record ElmOptions
{
    /// <summary>The lowest and the highest baud rate that an adapter may have.</summary>
    public const int LowestBaud = 1200, HighestBaud = 3_000_000;

    /// <summary>Of most adapters with an ELM327; those with an STN chip mostly have 115200.</summary>
    public const int DefaultBaud = 38400;

    /// <summary>The serial port's baud rate.</summary>
    public int Baud { get; init; } = DefaultBaud;

    /// <summary>
    /// The vehicle's protocol. <see cref="ElmProtocol.Automatic"/> has the adapter try one after the other, which sends on buses that may be for
    /// something else; so somebody has to ask for it.
    /// </summary>
    public ElmProtocol Protocol { get; init; } = ElmProtocol.Can11At500;

    /// <summary>How long the adapter may take for a command that nothing on the bus belongs to.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it may take to begin anew (AT Z): a second, and some more.</summary>
    public TimeSpan ResetTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long nothing may come while a request is under way; longer than the adapter waits for ECUs, 205 ms by default and 5.1 s at most.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>How long the search for a protocol, or the initialisation at 5 baud, may take.</summary>
    public TimeSpan SearchTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest message that an STN chip can be given (STPX).</summary>
    public const int LongestRequest = 4095;

    /// <summary>The longest one that a frame on CAN has room for, which is what an ELM327 can send.</summary>
    public const int LongestSingleRequest = 7;
}
