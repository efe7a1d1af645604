namespace EdgeAgent.SystemTests.Packaging;

/// <summary>The package of the published binary, made once for all tests and unpacked.</summary>
public sealed class DebianPackage : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-agent-package-").FullName;

    /// <summary>The package itself.</summary>
    public string File { get; private set; } = "";

    /// <summary>Why there is none; null if there is.</summary>
    public string? Missing { get; private set; }

    public static string Architecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private static string Binary => Environment.GetEnvironmentVariable("EDGE_AGENT_BINARY") ?? "";

    /// <summary>The file of the package that would be installed there.</summary>
    public string this[string path] => Path.Combine(_directory, "files", path.TrimStart('/'));

    /// <summary>The scripts and lists that dpkg reads.</summary>
    public string Control(string name) => Path.Combine(_directory, "files", "DEBIAN", name);

    public async ValueTask InitializeAsync()
    {
        if (!System.IO.File.Exists(Binary)) Missing = "no published agent: run ./build.sh test, or ./build.sh publish and set EDGE_AGENT_BINARY";
        else if (new[] { "dpkg-deb", "jq", "objdump", "man" }.FirstOrDefault(program => !System.IO.File.Exists("/usr/bin/" + program)) is { } program)
            Missing = $"{program} is missing: apt-get install -y dpkg jq binutils man-db";
        if (Missing is not null) return;
        File = await MakeAsync(Path.Combine(_directory, "one"));
        var unpacked = await Rig.RunAsync("dpkg-deb", ["-R", File, Path.Combine(_directory, "files")]);
        Assert.True(unpacked.ExitCode == 0, unpacked.Errors);
    }

    /// <summary>Makes it anew and says where it is.</summary>
    internal static async Task<string> MakeAsync(string directory)
    {
        var made = await Rig.RunAsync(
            Path.Combine(Rig.Root, "packaging", "debian", "make.sh"), ["--arch", Architecture, "--binary", Binary, "--compression", "none", "--out", directory], limit: TimeSpan.FromMinutes(10));
        Assert.True(made.ExitCode == 0, made.Output + made.Errors);
        return made.Output.TrimEnd();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
