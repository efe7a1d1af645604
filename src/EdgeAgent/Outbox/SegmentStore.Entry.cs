namespace EdgeAgent.Outbox;

internal sealed partial class SegmentStore
{
    /// <summary>What is known of a segment while it is closed.</summary>
    private sealed class Entry(SegmentName name)
    {
        private Segment? _segment;

        public SegmentName Name { get; } = name;

        /// <summary>How many batches are in it.</summary>
        public int Count { get; private set; }

        /// <summary>The highest number that any of them had.</summary>
        public int Last { get; private set; }

        /// <summary>Set once it had fewer than before: batches were lost with a part of the file.</summary>
        public bool HasLost { get; private set; }

        public long SizeBytes { get; private set; }

        /// <summary>When its first batch was captured, by the clock of then.</summary>
        public long OldestNs { get; private set; } = long.MaxValue;

        public bool IsOpen => _segment is not null;

        /// <summary>Set when it could not be opened to be written.</summary>
        public bool IsUnusable { get; set; }

        /// <summary>Set once the disk could not read it.</summary>
        public bool IsUnread { get; set; }

        public Segment Require(IDisk disk)
        {
            if (_segment is not null) return _segment;
            _segment = Segment.Open(disk, Name);
            // A number that stood for a lost batch must not come to stand for another.
            _segment.GoOnBehind(Last);
            return _segment;
        }

        /// <summary>Remembers how the open segment stands.</summary>
        public void Note()
        {
            if (_segment is null) return;
            HasLost |= _segment.Count < Count;
            (Count, Last, SizeBytes) = (_segment.Count, _segment.Last, _segment.SizeBytes);
        }

        public void NoteAge(Batch batch) => OldestNs = Math.Min(OldestNs, batch.FirstTimeNs + batch.ClockAtSeal.OffsetNs);

        public void Close()
        {
            _segment?.Dispose();
            _segment = null;
        }
    }

    /// <summary>How far the segments of one priority have been read.</summary>
    private sealed class Lane
    {
        /// <summary>The last batch read.</summary>
        public StoredId Cursor { get; set; }

        /// <summary>The number of the segment that was written last.</summary>
        public int Written { get; set; }
    }
}
