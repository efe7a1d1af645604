namespace EdgeAgent.Cli.Verification;

/// <summary>What a line of a recording was good for.</summary>
internal enum LineUse
{
    /// <summary>A message of no interest here, or nothing at all.</summary>
    None,

    /// <summary>It does not begin with a topic: whoever recorded it left that out, or it is no recording.</summary>
    NoTopic,

    Record,

    Ledger,
}
