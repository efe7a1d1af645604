namespace EdgeAgent.Publishing;

/// <summary>How to reach the broker; validated.</summary>
/// <param name="Uri"><c>mqtt://host:port</c> or <c>mqtts://host:port</c> (TLS, checked against the system's certificate authorities).</param>
/// <param name="ClientId">The device's id.</param>
/// <param name="UserName">Null for none.</param>
/// <param name="PasswordFile">A file with the password on its first line, read at each connection so that it can be changed; null for none.</param>
internal sealed record BrokerOptions(Uri Uri, string ClientId, string? UserName, string? PasswordFile)
{
    public const string Scheme = "mqtt", SecureScheme = "mqtts";

    public const int DefaultPort = 1883, DefaultSecurePort = 8883;

    public bool Tls => Uri.Scheme == SecureScheme;

    public int Port => Uri.Port > 0 ? Uri.Port : Tls ? DefaultSecurePort : DefaultPort;

    /// <summary>As people name it: without user information.</summary>
    public string Name => $"{Uri.Scheme}://{Uri.Host}:{Port}";
}
