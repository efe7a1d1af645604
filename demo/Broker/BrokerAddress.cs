namespace EdgeAgent.Demo.Broker;

/// <summary>Where a broker listens.</summary>
internal sealed record BrokerAddress(string Host, int Port)
{
    private const int DefaultPort = 1883;

    /// <exception cref="DemoException">The text is no address, or one that the demo cannot stand in front of.</exception>
    public static BrokerAddress Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "mqtt" || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery is not ("" or "/"))
            throw new DemoException(ExitCode.InputRefused, $"--broker: '{url}': expected mqtt://HOST[:PORT], without TLS or password");
        return new BrokerAddress(uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort);
    }

    public override string ToString() => $"mqtt://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}
