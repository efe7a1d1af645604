namespace EdgeAgent.Obd.Elm;

/// <summary>Why an exchange failed.</summary>
/// <param name="IsOfBus">True if the bus or the adapter cannot be used; false if this request cannot be sent.</param>
/// <param name="Message">In words.</param>
internal sealed record ElmTrouble(bool IsOfBus, string Message)
{
    public static readonly ElmTrouble Silent = new(true, "the adapter does not answer; check the baud rate, and that it is one with an ELM327 or STN chip");

    public static readonly ElmTrouble Late = new(true, "the adapter talks on without an end");

    public static readonly ElmTrouble KeepsRestarting = new(true, "the adapter begins anew again and again; its supply may be too weak");

    public static readonly ElmTrouble NoHeaders = new(true, "the adapter does not know AT H1, so that nobody could tell the ECUs apart");

    public static readonly ElmTrouble NoProtocol = new(true, "the adapter does not know this protocol");

    public static readonly ElmTrouble NotUnderstood = new(false, "the adapter does not understand the request");

    public static readonly ElmTrouble TooLong = new(false, $"the request is longer than {ElmOptions.LongestSingleRequest} bytes, which only an STN chip can send, and on CAN alone");

    public static readonly ElmTrouble Interrupted = new(true, "the adapter was interrupted again and again; somebody else may use it");

    /// <summary>What a line says that is the last word on a request; null if it is not.</summary>
    public static ElmTrouble? Of(ElmLineKind kind) => kind switch
    {
        ElmLineKind.UnableToConnect => new(true, "the adapter finds no protocol: the ignition may be off"),
        ElmLineKind.BusInitError => new(true, "no ECU answers the initialisation of the bus: the ignition may be off, or the protocol another one"),
        ElmLineKind.CanError => new(true, "nobody acknowledges on the CAN bus: the ignition may be off, or the bit rate another one"),
        ElmLineKind.BusError => new(true, "the bus is busy or disturbed; check the wiring"),
        ElmLineKind.FeedbackError => new(true, "the adapter's output has no effect on the bus; check the wiring"),
        ElmLineKind.InternalError => new(true, "the adapter has an internal error; it is begun anew with the next request"),
        _ => null,
    };
}
