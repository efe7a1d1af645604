using System.Buffers.Binary;

namespace EdgeAgent.SystemTests;

/// <summary>What an installer gets.</summary>
public sealed class PublishedBinaryTests
{
    private const ushort Arm64 = 183, X64 = 62;

    [Fact]
    public async Task It_is_one_native_file_that_knows_its_version_and_what_serial_ports_need()
    {
        byte[] header = Header(Rig.Agent);
        Assert.Contains(BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18)), (ushort[])[X64, Arm64]);
        // Symbols for a debugger may lie beside it; they are not needed.
        var needed = Directory.GetFiles(Path.GetDirectoryName(Rig.Agent)!).Select(Path.GetFileName).Where(name => name != "edge-agent.dbg");
        Assert.Equal(["edge-agent", "libSystem.IO.Ports.Native.so"], needed.Order(StringComparer.Ordinal));
        var result = await Rig.RunAsync(Rig.Agent, ["--version"]);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", result.Output);
    }

    [Fact]
    public void The_dongles_binary_is_arm64()
    {
        string? path = Environment.GetEnvironmentVariable("EDGE_AGENT_ARM64_BINARY");
        if (path is null) Assert.Skip("no arm64 binary: ./build.sh test makes it on linux-x64 with clang, lld, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and zlib1g-dev:arm64");
        Assert.Equal(Arm64, BinaryPrimitives.ReadUInt16LittleEndian(Header(path).AsSpan(18)));
    }

    private static byte[] Header(string path)
    {
        byte[] header = new byte[64];
        using var file = File.OpenRead(path);
        file.ReadExactly(header);
        Assert.Equal("\u007fELF"u8, header.AsSpan(0, 4));
        return header;
    }
}
