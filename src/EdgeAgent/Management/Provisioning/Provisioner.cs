using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Management.Provisioning;

/// <summary>
/// Takes what is on the boot partition to where only the agent can read it. Every step can be cut off by a loss of power and is then done again:
/// the secrets are wiped from the boot partition last, and what the device was before counts until <c>provision.json</c> is replaced.
/// </summary>
/// <param name="files">The file systems.</param>
/// <param name="directory">Where the provisioning goes. Its group, which new files get (setgid), is the agent's.</param>
/// <param name="networkDirectory">Where systemd-networkd looks for its files.</param>
/// <param name="time">The clock.</param>
internal sealed partial class Provisioner(IProvisioningFiles files, string directory, string networkDirectory, TimeProvider time)
{
    public const string ProvisioningName = "provision.json";

    /// <summary>A provisioning that counts when its certificate has come.</summary>
    public const string PendingName = "provision.pending.json";

    public const string RequestName = "edge-agent-provision.csr", CertificateName = "edge-agent-certificate.pem";

    /// <summary>What a file is called in addition when everything in it has been taken, until it is wiped.</summary>
    private const string Taken = ".taken";

    private const UnixFileMode ForTheAgent = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const UnixFileMode ForEverybody = ForTheAgent | UnixFileMode.OtherRead;

    private string Provisioning => Path.Combine(directory, ProvisioningName);

    private string Pending => Path.Combine(directory, PendingName);

    /// <summary>Does what is to be done with the files on a boot partition.</summary>
    /// <param name="boot">Its directory.</param>
    /// <param name="name">The name of the boot file there.</param>
    /// <returns>What became of each file; empty if there is none.</returns>
    /// <exception cref="IOException">Something cannot be read or written; it is to be done again.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public IReadOnlyList<ProvisioningResult> TakeFrom(string boot, string name = BootFile.Name)
    {
        List<ProvisioningResult> results = [];
        Take(boot, name, Import, results);
        Take(boot, CertificateName, Install, results);
        return results;
    }

    private void Take(string boot, string name, Func<byte[], string, ProvisioningResult> take, List<ProvisioningResult> results)
    {
        string file = Path.Combine(boot, name);
        files.Wipe(file + Taken);
        if (files.TryRead(file) is not { } content) return;
        var result = take(content, name);
        results.Add(result);
        Leave(boot, result);
        if (result.Outcome == ProvisioningOutcome.Refused) return;
        // Under its own name it would be taken for a wrong file when half of it is wiped.
        files.Rename(file, file + Taken);
        files.Wipe(file + Taken);
    }

    private ProvisioningResult Import(byte[] content, string name)
    {
        BootFile file;
        try
        {
            file = new BootFileReader(directory, time).Read(content, name);
        }
        catch (ConfigurationException e)
        {
            return ProvisioningResult.Refusal(name, e);
        }
        var set = (InUse() ?? new SecretSet('b')).Other;
        files.Wipe(Pending);
        Clear(set);
        foreach (var (secret, text) in file.Secrets) files.Replace(Path.Combine(directory, set.FileOf(secret)), BootFile.ContentOf(text), ForTheAgent);
        using var key = file.MakesKey ? DeviceKey.Create() : null;
        if (key is not null) files.Replace(Path.Combine(directory, set.FileOf(Secret.PrivateKey)), BootFile.ContentOf(key.ToPem()), ForTheAgent);
        if (file.Can is { } buses) SetUp(buses);
        files.Replace(key is null ? Provisioning : Pending, file.ProvisioningWith(set), ForTheAgent);
        if (key is null) Clear(set.Other);
        return new ProvisioningResult(key is null ? ProvisioningOutcome.Provisioned : ProvisioningOutcome.AwaitingCertificate, name)
        {
            Device = file.Device,
            Credentials = [.. file.Secrets.Keys.Where(secret => secret == Secret.Password || secret == Secret.ClaimCode || secret == Secret.Certificate).Select(secret => secret.Member)],
            PublicKey = key?.Public,
            Request = key?.RequestFor(file.Device),
            Remarks = file.Remarks,
        };
    }

    private void SetUp(IReadOnlyList<CanBus> buses)
    {
        foreach (string old in files.List(networkDirectory, CanBus.FilePattern))
        {
            if (!buses.Any(bus => bus.FileName == Path.GetFileName(old))) files.Wipe(old);
        }
        foreach (var bus in buses) files.Replace(Path.Combine(networkDirectory, bus.FileName), bus.ToNetworkFile(), ForEverybody);
    }

    /// <summary>Leaves word of it beside the file.</summary>
    private void Leave(string boot, ProvisioningResult result)
    {
        if (result.Request is { } request) files.Replace(Path.Combine(boot, RequestName), BootFile.ContentOf(request), mode: null);
        files.Replace(Path.Combine(boot, ProvisioningResult.Name), result.ToUtf8(time.GetUtcNow()), mode: null);
    }

    /// <summary>The set of secrets that the provisioning in force names.</summary>
    private SecretSet? InUse() => files.TryRead(Provisioning) is { } content ? SecretSet.NamedIn(content) : null;

    private void Clear(SecretSet set)
    {
        foreach (string file in files.List(directory, set.Pattern)) files.Wipe(file);
    }
}
