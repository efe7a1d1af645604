using System.Globalization;

namespace EdgeAgent.Cli.Fleet;

/// <summary>Quantities in four or five characters.</summary>
internal static class Shorthand
{
    private static readonly string[] Decimal = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary><c>35s</c>, <c>12m</c>, <c>5h</c>, <c>30d</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalSeconds: < 100 } => Text(age.TotalSeconds, "s"),
        { TotalMinutes: < 100 } => Text(age.TotalMinutes, "m"),
        { TotalHours: < 48 } => Text(age.TotalHours, "h"),
        _ => Text(Math.Min(age.TotalDays, 9999), "d"),
    };

    /// <summary><c>950</c>, <c>1.2k</c>, <c>35k</c>, <c>4.0M</c>.</summary>
    public static string Count(double number)
    {
        int power = 0;
        // What would be shown as 1000 is 1.0 of the next.
        while (number >= 999.5 && power < Decimal.Length - 1)
        {
            number /= 1000;
            power++;
        }
        return number.ToString(power > 0 && number < 9.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + Decimal[power];
    }

    /// <summary>0 to 1 as <c>47%</c>.</summary>
    public static string Share(double share) => Text(Math.Round(share * 100), "%");

    private static string Text(double number, string unit) => Math.Floor(number).ToString("0", CultureInfo.InvariantCulture) + unit;
}
