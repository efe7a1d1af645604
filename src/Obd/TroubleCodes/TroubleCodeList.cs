namespace EdgeAgent.Obd;

/// <summary>A trouble code of an ECU and the lists that it is in.</summary>
/// <param name="Code">The code.</param>
/// <param name="IsStored">Confirmed (service 03): it lights the malfunction indicator, or will.</param>
/// <param name="IsPending">Seen in this driving cycle or the last (service 07): not confirmed yet, or still there.</param>
/// <param name="IsPermanent">Confirmed with the indicator on (service 0A): stays until the ECU itself has found that the fault is gone, and no tester clears it.</param>
public sealed record TroubleCodeState(DiagnosticTroubleCode Code, bool IsStored, bool IsPending, bool IsPermanent)
{
    /// <summary>In words, what the lists together say.</summary>
    public string Meaning => (IsStored, IsPending, IsPermanent) switch
    {
        (true, true, _) => "confirmed, and seen again in this driving cycle or the last",
        (true, false, _) => "confirmed, not seen in this driving cycle or the last",
        (false, true, true) => "cleared by a tester, and seen again",
        (false, false, true) => "cleared by a tester, but the ECU has not yet found that it is gone",
        (false, true, false) => "seen, not confirmed yet",
        _ => "in no list",
    };

    /// <summary>One entry a code, in the order of the codes.</summary>
    public static IReadOnlyList<TroubleCodeState> Merge(IEnumerable<DiagnosticTroubleCode> stored, IEnumerable<DiagnosticTroubleCode> pending, IEnumerable<DiagnosticTroubleCode> permanent)
    {
        HashSet<DiagnosticTroubleCode> inStored = [.. stored], inPending = [.. pending], inPermanent = [.. permanent];
        return [.. inStored.Union(inPending).Union(inPermanent).OrderBy(code => code.Code).ThenBy(code => code.FailureType)
            .Select(code => new TroubleCodeState(code, inStored.Contains(code), inPending.Contains(code), inPermanent.Contains(code)))];
    }
}
