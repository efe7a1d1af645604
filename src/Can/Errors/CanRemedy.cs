using System.Globalization;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Errors;

/// <summary>What to do about a controller that is not well, for people.</summary>
public static class CanRemedy
{
    /// <param name="interfaceName">Whose.</param>
    /// <param name="state">How its controller is.</param>
    /// <param name="link">What the kernel tells of it, if known.</param>
    /// <param name="seen">The classes of error frames that came lately.</param>
    /// <returns>Null if there is nothing to do.</returns>
    public static string? Of(string interfaceName, CanControllerState state, CanLinkInfo? link, CanErrorClasses seen)
    {
        string rate = link?.BitTiming is { } timing ? $"the bit rate ({RateText(timing.BitRate)} now)" : "the bit rate";
        switch (state)
        {
            case CanControllerState.Stopped when link is { IsUp: false }:
                return $"bring it up with: edge-agent can up {interfaceName} --bitrate 500000";
            case CanControllerState.BusOff:
                string back = link?.RestartAfter is { } after && after > TimeSpan.Zero ? $"it tries again {after.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s after each"
                    : $"it stays off until: edge-agent can restart {interfaceName}";
                return $"check {rate} and the wires (CAN_H and CAN_L swapped or short-circuited); {back}";
            case CanControllerState.ErrorWarning or CanControllerState.ErrorPassive when (seen & CanErrorClasses.NoAcknowledge) != 0:
                return $"nobody acknowledges: check that another node is awake on the bus, and {rate}";
            case CanControllerState.ErrorWarning or CanControllerState.ErrorPassive:
                return $"check {rate}, the termination (120 ohm at both ends) and the wires";
            case CanControllerState.ErrorActive when (seen & (CanErrorClasses.BusError | CanErrorClasses.Protocol | CanErrorClasses.Transceiver)) != 0:
                return "check the termination (120 ohm at both ends) and the wires";
            default:
                return null;
        }
    }

    /// <summary>A bit rate as people say it: <c>500 kbit/s</c>.</summary>
    public static string RateText(int bitRate) => bitRate >= 1_000_000
        ? (bitRate / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " Mbit/s"
        : (bitRate / 1e3).ToString("0.###", CultureInfo.InvariantCulture) + " kbit/s";
}
