using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns the part about the broker into checked options.</summary>
internal sealed class BrokerValidator(Findings findings, string baseDirectory)
{
    /// <summary>The members of the part about the broker.</summary>
    internal static readonly string[] Members = ["url", "userName", "password", "passwordFile", "authorityFile", "certificateFile", "privateKeyFile"];

    private const string ExpectedUrl = "expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]";

    public BrokerOptions? Validate(BrokerDocument? document, DeviceId? device)
    {
        if (document is null)
        {
            findings.Add("/broker", "missing: an object with the broker's url");
            return null;
        }
        findings.RefuseUnknown("/broker", document.Unknown, Members);
        if (document.PasswordFile is not null && document.UserName is null) findings.Add("/broker/passwordFile", "a password without /broker/userName");
        if (document.Password is not null && document.UserName is null) findings.Add("/broker/password", "a password without /broker/userName");
        if (document.Password is not null && document.PasswordFile is not null) findings.Add("/broker/password", "given beside /broker/passwordFile; one of them is enough");
        if (document.PrivateKeyFile is not null && document.CertificateFile is null) findings.Add("/broker/privateKeyFile", "a key without /broker/certificateFile");
        if (findings.Required("/broker/url", document.Url, "the broker's address: " + ExpectedUrl) is not { } url) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not (BrokerOptions.Scheme or BrokerOptions.SecureScheme) || uri.Host.Length == 0)
        {
            findings.Add("/broker/url", $"'{url}' is no broker: {ExpectedUrl}");
            return null;
        }
        if (uri.Port == 0) findings.Add("/broker/url", "0 is no port");
        if (uri.UserInfo.Length > 0) findings.Add("/broker/url", "no user or password in the address; use /broker/userName and /broker/passwordFile");
        if (uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0) findings.Add("/broker/url", $"'{uri.PathAndQuery}' behind the address; {ExpectedUrl}");
        if (uri.Scheme == BrokerOptions.Scheme && (document.AuthorityFile ?? document.CertificateFile ?? document.PrivateKeyFile) is not null)
            findings.Add("/broker/url", $"certificates need TLS: expected {BrokerOptions.SecureScheme}://");
        return new BrokerOptions(uri, device?.ToString() ?? "", document.UserName, Resolve(document.PasswordFile))
        {
            Password = document.Password,
            AuthorityFile = Resolve(document.AuthorityFile),
            CertificateFile = Resolve(document.CertificateFile),
            PrivateKeyFile = Resolve(document.PrivateKeyFile),
        };
    }

    private string? Resolve(string? path) => path is null ? null : Path.GetFullPath(path, baseDirectory);
}
