using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Provisioning;

/// <summary>Events 1600–1699.</summary>
internal static partial class ProvisioningLog
{
    [LoggerMessage(1600, LogLevel.Information, "{File}: provisioned as {Device}; what was secret in it is wiped")]
    public static partial void Provisioned(ILogger logger, string file, DeviceId device);

    [LoggerMessage(1601, LogLevel.Warning, "{File}: {Device} has made its key and waits for a certificate: sign {Request} and put it beside that as {Certificate}")]
    public static partial void AwaitsCertificate(ILogger logger, string file, DeviceId device, string request, string certificate);

    [LoggerMessage(1602, LogLevel.Information, "{File}: the certificate of {Device} is in its place")]
    public static partial void CertificateInstalled(ILogger logger, string file, DeviceId device);

    [LoggerMessage(1603, LogLevel.Error, "{File}: {Mistake}")]
    public static partial void ProvisioningRefused(ILogger logger, string file, ConfigurationMistake mistake);

    [LoggerMessage(1604, LogLevel.Warning, "{File}: {Remark}")]
    public static partial void ProvisioningRemark(ILogger logger, string file, string remark);

    [LoggerMessage(1605, LogLevel.Error, "provisioning is not finished: {Trouble}; it is tried again at the next start")]
    public static partial void ProvisioningFailed(ILogger logger, string trouble);

    [LoggerMessage(1606, LogLevel.Warning, "this device is not provisioned and the agent waits: put {File} on its boot partition and start it anew")]
    public static partial void NotProvisioned(ILogger logger, string file);

    /// <summary>Tells what became of a file.</summary>
    public static void Tell(ILogger logger, ProvisioningResult result)
    {
        foreach (var mistake in result.Mistakes) ProvisioningRefused(logger, result.File, mistake);
        foreach (string remark in result.Remarks) ProvisioningRemark(logger, result.File, remark);
        if (result.Device is not { } device) return;
        switch (result.Outcome)
        {
            case ProvisioningOutcome.Provisioned: Provisioned(logger, result.File, device); break;
            case ProvisioningOutcome.AwaitingCertificate: AwaitsCertificate(logger, result.File, device, Provisioner.RequestName, Provisioner.CertificateName); break;
            case ProvisioningOutcome.CertificateInstalled: CertificateInstalled(logger, result.File, device); break;
        }
    }
}
