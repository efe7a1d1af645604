namespace EdgeAgent.Can.Dbc;

/// <summary>Reads DBC files.</summary>
/// <remarks>
/// The grammar is that of Vector's "DBC File Format Documentation" with the later additions (extended multiplexing, relation attributes).
/// What files of the field get wrong is accepted with a warning, unless <see cref="DbcStrictness.Strict"/> is asked for; what cannot be
/// understood is a <see cref="DbcException"/>.
/// </remarks>
public static class DbcFile
{
    /// <summary>Reads a file of at most <see cref="DbcLimits.FileBytes"/>.</summary>
    /// <exception cref="DbcException">The file is not a DBC file, or is too large.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static DbcDatabase Load(string path, DbcEncoding encoding = DbcEncoding.Automatic,
        DbcStrictness strictness = DbcStrictness.Lenient)
    {
        using var stream = File.OpenRead(path);
        return Load(stream, path, encoding, strictness);
    }

    /// <summary>Reads a stream of at most <see cref="DbcLimits.FileBytes"/> to its end.</summary>
    /// <exception cref="DbcException">It is not a DBC file, or is too large.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static DbcDatabase Load(Stream stream, string? fileName, DbcEncoding encoding = DbcEncoding.Automatic,
        DbcStrictness strictness = DbcStrictness.Lenient)
    {
        ArgumentNullException.ThrowIfNull(stream);
        // Read until it ends: a pipe does not know its length.
        var bytes = new byte[64 * 1024];
        var count = 0;
        while (stream.Read(bytes.AsSpan(count)) is var read and > 0)
        {
            count += read;
            if (count > DbcLimits.FileBytes) throw TooLarge(fileName);
            if (count == bytes.Length) Array.Resize(ref bytes, 2 * bytes.Length);
        }

        return Parse(bytes.AsSpan(0, count), fileName, encoding, strictness);
    }

    /// <summary>Reads the bytes of a file, at most <see cref="DbcLimits.FileBytes"/>.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="fileName">The name for error messages, or null.</param>
    /// <param name="encoding">What the bytes stand for.</param>
    /// <param name="strictness">Whether mistakes are tolerated.</param>
    /// <exception cref="DbcException">It is not a DBC file, or is too large.</exception>
    public static DbcDatabase Parse(ReadOnlySpan<byte> bytes, string? fileName = null, DbcEncoding encoding = DbcEncoding.Automatic,
        DbcStrictness strictness = DbcStrictness.Lenient)
    {
        if (bytes.Length > DbcLimits.FileBytes) throw TooLarge(fileName);
        return Parse(DbcText.Decode(bytes, encoding), fileName, strictness);
    }

    /// <summary>Reads the text of a file, at most <see cref="DbcLimits.FileBytes"/> characters.</summary>
    /// <param name="text">The content.</param>
    /// <param name="fileName">The name for error messages, or null.</param>
    /// <param name="strictness">Whether mistakes are tolerated.</param>
    /// <exception cref="DbcException">It is not a DBC file, or is too large.</exception>
    public static DbcDatabase Parse(string text, string? fileName = null, DbcStrictness strictness = DbcStrictness.Lenient)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > DbcLimits.FileBytes) throw TooLarge(fileName);
        var contents = new DbcReader(new DbcTokenizer(text, fileName), new DbcWarnings(fileName, strictness)).Read();
        return new DbcAssembler(contents, fileName).Assemble();
    }

    private static DbcException TooLarge(string? fileName) =>
        new(fileName, 1, 1, $"the file is larger than {DbcLimits.FileBytes / (1024 * 1024)} MiB");
}
