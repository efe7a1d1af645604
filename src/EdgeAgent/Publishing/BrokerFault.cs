using System.Net.Sockets;
using System.Security.Authentication;

namespace EdgeAgent.Publishing;

/// <summary>What kind of trouble with the broker it is: where on the way there one has to look.</summary>
internal enum BrokerFault
{
    /// <summary>The connection ended, or anything else.</summary>
    Other,

    /// <summary>A file of the device (password, certificate, key) cannot be used.</summary>
    File,

    /// <summary>The host's name cannot be resolved.</summary>
    Name,

    /// <summary>No route leads to the host.</summary>
    Route,

    /// <summary>Nobody accepts TCP connections there.</summary>
    Tcp,

    /// <summary>TLS: the broker's certificate or this device's.</summary>
    Tls,

    /// <summary>CONNACK: user, password or certificate are refused.</summary>
    Credentials,

    /// <summary>CONNACK: refused for another reason.</summary>
    Connack,
}

/// <summary>Tells kinds of trouble by the exceptions that they come as.</summary>
internal static class BrokerFaults
{
    public static BrokerFault Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case BrokerException { Fault: not BrokerFault.Other } known: return known.Fault;
                case AuthenticationException: return BrokerFault.Tls;
                case SocketException socket: return Of(socket.SocketErrorCode);
            }
        }
        return BrokerFault.Other;
    }

    private static BrokerFault Of(SocketError error) => error switch
    {
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData or SocketError.NoRecovery => BrokerFault.Name,
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable => BrokerFault.Route,
        SocketError.ConnectionRefused or SocketError.TimedOut => BrokerFault.Tcp,
        _ => BrokerFault.Other,
    };
}
