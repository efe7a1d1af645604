using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>The vehicle identification number (service 09, 02): asked for once a trip. It is no sample but says which vehicle the samples are of.</summary>
internal sealed class VinQuery() : ObdQuery(new byte[] { ObdService.VehicleInformation, InformationType.Vin }, Never)
{
    /// <summary>No trip is that long.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromDays(30);

    private const byte PositiveAnswer = ObdService.VehicleInformation + 0x40;

    private volatile string? _vin;

    /// <summary>As it was read last; null if it never was.</summary>
    public string? Vin => _vin;

    public override string Name => "the vehicle identification number (service 09, 02)";

    public override int MaxValues => 0;

    public override IReadOnlyList<SignalDescription> SignalsOf(BusName bus) => [];

    public override int Read(CanId ecu, ReadOnlySpan<byte> data, int firstSlot, Span<SignalValue> values)
    {
        if (ObdClient.ReadVin([PositiveAnswer, InformationType.Vin, .. data]) is not { } vin) return -1;
        _vin = vin;
        return 0;
    }
}
