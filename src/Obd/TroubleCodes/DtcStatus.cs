namespace EdgeAgent.Obd;

/// <summary>The status byte of a trouble code (ISO 14229-1:2020 Annex D.2).</summary>
/// <param name="Value">The byte.</param>
public readonly record struct DtcStatus(byte Value)
{
    private static readonly string[] BitNames =
    [
        "testFailed", "testFailedThisOperationCycle", "pendingDTC", "confirmedDTC", "testNotCompletedSinceLastClear", "testFailedSinceLastClear", "testNotCompletedThisOperationCycle",
        "warningIndicatorRequested",
    ];

    /// <summary>Bit 0: the last test found the fault.</summary>
    public bool TestFailed => Is(0);

    /// <summary>Bit 1: a test in this operation cycle found it.</summary>
    public bool TestFailedThisOperationCycle => Is(1);

    /// <summary>Bit 2: a test in this operation cycle or the last that was complete found it. What SAE J1979 calls pending (service 07).</summary>
    public bool IsPending => Is(2);

    /// <summary>Bit 3: found often enough to be kept. What SAE J1979 calls stored (service 03).</summary>
    public bool IsConfirmed => Is(3);

    /// <summary>Bit 4: no test has been complete since codes were cleared.</summary>
    public bool TestNotCompletedSinceLastClear => Is(4);

    /// <summary>Bit 5: a test has found it since codes were cleared.</summary>
    public bool TestFailedSinceLastClear => Is(5);

    /// <summary>Bit 6: no test has been complete in this operation cycle.</summary>
    public bool TestNotCompletedThisOperationCycle => Is(6);

    /// <summary>Bit 7: a warning, such as the malfunction indicator, is on for it.</summary>
    public bool IsWarningRequested => Is(7);

    /// <summary>The standard's names of the bits that are set.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            for (int bit = 0; bit < BitNames.Length; bit++)
            {
                if (Is(bit)) yield return BitNames[bit];
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Value == 0 ? "none" : string.Join(", ", Names);

    private bool Is(int bit) => (Value >> bit & 1) != 0;
}
