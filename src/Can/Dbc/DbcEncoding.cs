namespace EdgeAgent.Can.Dbc;

/// <summary>How the bytes of a DBC file stand for characters, which the file itself does not say. Only texts in quotes are not ASCII.</summary>
public enum DbcEncoding
{
    /// <summary>UTF-8 if the whole file is valid UTF-8 (a byte order mark is skipped), otherwise Windows-1252.</summary>
    Automatic,

    /// <summary>UTF-8; invalid bytes become U+FFFD.</summary>
    Utf8,

    /// <summary>Windows-1252, which CANdb++ writes and which cantools assumes for every file.</summary>
    Windows1252,
}
