using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Configuration;

/// <summary>Turns the part about the local API into checked options.</summary>
internal sealed class LocalApiValidator(Findings findings, string baseDirectory)
{
    private const string At = "/localApi";

    /// <summary>Null for none, or to be used only if there are no mistakes.</summary>
    public LocalApiOptions? Validate(LocalApiDocument? document)
    {
        if (document is null) return null;
        findings.RefuseUnknown(At, document.Unknown, "port", "tokenFile", "role");
        if (document.Port is null) findings.Add($"{At}/port", "missing: the port on 127.0.0.1");
        long port = findings.Number($"{At}/port", document.Port, 1, 1, ushort.MaxValue);
        string? file = findings.Required($"{At}/tokenFile", document.TokenFile, "a file with the token on its first line");
        var role = document.Role is { } name ? Roles.TryParse(name) : Role.Viewer;
        if (role is null) findings.Add($"{At}/role", $"{Quoted.Of(document.Role!)} is no role; expected one of: {string.Join(", ", Roles.Names)}");
        return file is null || role is null ? null : new LocalApiOptions((int)port, Path.GetFullPath(file, baseDirectory), role.Value);
    }
}
