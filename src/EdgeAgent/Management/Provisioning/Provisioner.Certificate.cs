using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Provisioning;

/// <summary>Certificates for the device's own key, which never leaves it.</summary>
internal sealed partial class Provisioner
{
    /// <summary>Takes a certificate for the key that waits for one, which puts its provisioning in force; or a new one for the key in use.</summary>
    /// <param name="certificate">PEM.</param>
    /// <param name="name">What to call its file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public ProvisioningResult Install(byte[] certificate, string name)
    {
        try
        {
            var (configuration, path, key) = OwnKey();
            var check = CertificateCheck.Of(Encoding.UTF8.GetString(certificate), key, configuration.Device, time);
            if (check.Trouble is { } trouble) throw new ConfigurationException(name, [new("", trouble)]);
            files.Replace(configuration.Broker.CertificateFile!, certificate, ForTheAgent);
            if (path == Pending) files.Rename(Pending, Provisioning);
            // The power may have been lost after the step before.
            if (InUse() is { } set) Clear(set.Other);
            return new ProvisioningResult(ProvisioningOutcome.CertificateInstalled, name)
            {
                Device = configuration.Device,
                Credentials = [Secret.Certificate.Member],
                Remarks = check.Remark is { } remark ? [remark] : [],
            };
        }
        catch (ConfigurationException e)
        {
            return ProvisioningResult.Refusal(name, e);
        }
    }

    /// <summary>The request for a certificate (PKCS #10, PEM), of the key that waits for one or the one in use.</summary>
    /// <exception cref="ConfigurationException">There is no such key.</exception>
    public string Request()
    {
        var (configuration, path, pem) = OwnKey();
        try
        {
            using var key = DeviceKey.Parse(pem);
            return key.RequestFor(configuration.Device);
        }
        catch (CryptographicException e)
        {
            throw new ConfigurationException(path, [new("/broker/privateKeyFile", e.Message)]);
        }
    }

    /// <summary>The device whose provisioning waits for a certificate; null if none does.</summary>
    /// <exception cref="ConfigurationException">What waits there was not written here.</exception>
    public DeviceId? Waiting() => files.TryRead(Pending) is null ? null : OwnKey().Configuration.Device;

    private (DeviceConfiguration Configuration, string Path, string Key) OwnKey()
    {
        string path = files.TryRead(Pending) is null ? Provisioning : Pending;
        if (files.TryRead(path) is not { } content) throw new ConfigurationException($"{Provisioning}: no such file: the device has no key before it is provisioned");
        var configuration = ConfigurationReader.ParseProvisioning(content, path, AgentConfiguration.DefaultStateDirectory).Device;
        if (configuration.Broker.PrivateKeyFile is not { } file || configuration.Broker.CertificateFile is null)
            throw new ConfigurationException(path, [new("/broker/privateKeyFile", "missing: this device has no key of its own")]);
        if (files.TryRead(file) is not { } key) throw new ConfigurationException(path, [new("/broker/privateKeyFile", $"{file}: no such file")]);
        return (configuration, path, Encoding.UTF8.GetString(key));
    }
}
