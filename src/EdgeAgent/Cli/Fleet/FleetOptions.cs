using System.Net;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Fleet;

/// <summary>What is to be watched and how; checked.</summary>
/// <param name="Broker">Where.</param>
/// <param name="Tenant">Whose devices.</param>
/// <param name="Once">Collect, print and end.</param>
/// <param name="Json">The same, as JSON.</param>
/// <param name="Collect">How long to collect then.</param>
/// <param name="SilentAfter">How long a device, and what it reports, counts.</param>
/// <param name="Metrics">Where to serve metrics; null for nowhere.</param>
internal sealed record FleetOptions(BrokerOptions Broker, TenantId Tenant, bool Once, bool Json, TimeSpan Collect, TimeSpan SilentAfter, IPEndPoint? Metrics)
{
    private static readonly (string Pointer, string Option)[] Words =
    [
        ("/broker/url", "--broker"),
        ("/broker/userName", "--user"),
        ("/broker/passwordFile", "--password-file"),
        ("/broker/authorityFile", "--authority-file"),
        ("/broker/certificateFile", "--certificate-file"),
        ("/broker/privateKeyFile", "--private-key-file"),
    ];

    public bool PasswordIsWithoutUser => Broker is { UserName: null, PasswordFile: not null };

    /// <summary>The link names members of a configuration file as what is to be changed; here they are options.</summary>
    public static string InWordsOfTheCommandLine(string message) =>
        Words.Aggregate(message, (text, word) => text.Replace(word.Pointer, word.Option, StringComparison.Ordinal));
}
