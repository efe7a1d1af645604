using System.Globalization;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>For which model years something counts: those of a range, or of a list, or of either. One with neither counts for none.</summary>
/// <param name="From">The first of the range; null if it has no beginning.</param>
/// <param name="To">The last of the range; null if it has no end. Before <paramref name="From"/>: all up to it, and all from there on.</param>
/// <param name="Years">Single years.</param>
public sealed record ModelYearFilter(int? From, int? To, IReadOnlyList<int> Years)
{
    /// <summary>Whether it counts for a model year.</summary>
    public bool Matches(int year) => IsInRange(year) || Years.Contains(year);

    /// <summary>As it stands in the id of a command: <c>2015-2020</c>, <c>2015-</c>, <c>-2014</c>, <c>2011;2013</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        if (From < To) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{From}-{To}"));
        else
        {
            if (From is { } from) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{from}-"));
            if (To is { } to) parts.Add(string.Create(CultureInfo.InvariantCulture, $"-{to}"));
        }
        parts.AddRange(Years.Order().Select(year => year.ToString(CultureInfo.InvariantCulture)));
        return string.Join(';', parts);
    }

    private bool IsInRange(int year) => (From, To) switch
    {
        (null, null) => false,
        ({ } from, null) => year >= from,
        (null, { } to) => year <= to,
        ({ } from, { } to) => from < to ? year >= from && year <= to : year >= from || year <= to,
    };
}
