using System.Globalization;

namespace EdgeAgent.Diagnostics.Journal;

/// <summary>
/// The MESSAGE_ID of an event, by which packaging/journal/edge-agent.catalog explains it: 28 random hexadecimal digits that are the same for
/// all events of the agent, and the event's number in four decimal ones. It never changes.
/// </summary>
internal static class JournalMessageId
{
    private const string Prefix = "389f92efb9d14f1ea1f57412e30b";

    /// <param name="eventId">1000–9999; others have no id.</param>
    public static string? Of(int eventId) => eventId is >= 1000 and <= 9999 ? Prefix + eventId.ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>The event of an id of the agent.</summary>
    public static bool TryParse(string id, out int eventId)
    {
        eventId = 0;
        return id.Length == Prefix.Length + 4 && id.StartsWith(Prefix, StringComparison.Ordinal) && int.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out eventId);
    }
}
