namespace EdgeAgent.Management.Provisioning;

/// <summary>Something that a boot file holds itself and that the provisioning on the device names by a file.</summary>
/// <param name="Member">Its member of <c>broker</c> in the boot file.</param>
/// <param name="FileMember">What names its file in the provisioning.</param>
/// <param name="Suffix">How the name of its file ends.</param>
internal sealed record Secret(string Member, string FileMember, string Suffix)
{
    /// <summary>In place of a secret: it is to be made, a key on the device, a password by <c>provision create</c>.</summary>
    public const string Generate = "generate";

    public static readonly Secret Password = new("password", "passwordFile", "password");

    /// <summary>What a device shows the first time, in place of a password; that it is good only once is for the broker's side to know.</summary>
    public static readonly Secret ClaimCode = new("claimCode", "passwordFile", "password");

    public static readonly Secret Authority = new("authority", "authorityFile", "authority.pem");

    public static readonly Secret Certificate = new("certificate", "certificateFile", "certificate.pem");

    public static readonly Secret PrivateKey = new("privateKey", "privateKeyFile", "key.pem");

    public static readonly IReadOnlyList<Secret> All = [Password, ClaimCode, Authority, Certificate, PrivateKey];
}

/// <summary>
/// Which of two sets of files: a provisioning and its secrets belong together, so new secrets are written beside those in use, and what
/// names them, <c>provision.json</c>, is replaced in one step.
/// </summary>
internal readonly record struct SecretSet(char Letter)
{
    /// <summary>The files of this set, whole or not.</summary>
    public string Pattern => $"provisioned-{Letter}.*";

    public SecretSet Other => new(Letter == 'a' ? 'b' : 'a');

    /// <summary>Which set a provisioning names; the one that was written by hand names none.</summary>
    public static SecretSet? NamedIn(ReadOnlySpan<byte> provisioning) =>
        provisioning.IndexOf("\"provisioned-a."u8) >= 0 ? new('a') : provisioning.IndexOf("\"provisioned-b."u8) >= 0 ? new('b') : null;

    /// <summary>The name of a secret's file, beside the provisioning.</summary>
    public string FileOf(Secret secret) => $"provisioned-{Letter}.{secret.Suffix}";
}
