namespace EdgeAgent.Publishing;

/// <summary>How to reach the broker; validated. Files are read at each connection, so that what is in them can be renewed.</summary>
/// <param name="Uri"><c>mqtt://host:port</c> or <c>mqtts://host:port</c> (TLS).</param>
/// <param name="ClientId">The device's id.</param>
/// <param name="UserName">Null for none.</param>
/// <param name="PasswordFile">A file with the password on its first line; null for none.</param>
internal sealed record BrokerOptions(Uri Uri, string ClientId, string? UserName = null, string? PasswordFile = null)
{
    public const string Scheme = "mqtt", SecureScheme = "mqtts";

    public const int DefaultPort = 1883, DefaultSecurePort = 8883;

    /// <summary>The password itself, if there is no file with it.</summary>
    public string? Password { get; init; }

    /// <summary>A PEM file with the authorities that may have signed the broker's certificate, no others; null for those that the system trusts.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>A PEM file with the device's certificate and, behind it, those between it and the authority; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the key of the device's certificate, not encrypted; null if it is in <see cref="CertificateFile"/> too.</summary>
    public string? PrivateKeyFile { get; init; }

    /// <summary>True if the broker shall remember the session while the client is away; false for one that only looks on.</summary>
    public bool KeepsSession { get; init; } = true;

    /// <summary>Messages from the broker that may wait to be dealt with; more than it may send without an acknowledgement. mosquitto sends retained
    /// messages regardless of that, so whoever subscribes to those of a fleet needs room for them.</summary>
    public int MaxWaiting { get; init; } = 64;

    public bool Tls => Uri.Scheme == SecureScheme;

    public int Port => Uri.Port > 0 ? Uri.Port : Tls ? DefaultSecurePort : DefaultPort;

    /// <summary>As people name it: without user information.</summary>
    public string Name => $"{Uri.Scheme}://{Uri.Host}:{Port}";
}
