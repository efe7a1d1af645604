namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>
/// What reads input from outside and must withstand any. A class that derives from this is found by itself: <c>./build.sh fuzz NAME</c>
/// runs it for long, every test run for a moment.
/// </summary>
internal abstract class FuzzTarget
{
    /// <summary>What it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Good inputs, and such as nearly are, from which others are made by mutation.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces that mean something to the reader and that mutation hardly hits upon.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>No input is longer, in bytes.</summary>
    public virtual int LongestInput => 4096;

    /// <summary>The time that one input may take.</summary>
    public virtual TimeSpan TimeLimit => TimeSpan.FromSeconds(1);

    /// <summary>The bytes that may be allocated for one input of a length.</summary>
    public virtual long AllocationLimit(int inputLength) => (1 << 20) + (1_000L * inputLength);

    /// <summary>
    /// Reads an input and checks what must hold of the result. Whatever is thrown is a finding; what the reader throws by its contract is
    /// caught here. The result must depend on the input alone.
    /// </summary>
    /// <returns>What came out, in few words and without details: an input that brings a new result is kept to mutate further.</returns>
    public abstract string Run(ReadOnlySpan<byte> input);
}
