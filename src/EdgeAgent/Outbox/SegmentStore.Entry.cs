using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

internal sealed partial class SegmentStore
{
    /// <summary>What is known of a segment while it is closed.</summary>
    private sealed class Entry(SegmentName name)
    {
        private Segment? _segment;

        public SegmentName Name { get; } = name;

        public int Remaining { get; private set; }

        public long SizeBytes { get; private set; }

        /// <summary>When its first batch was captured, by the clock of then.</summary>
        public long OldestNs { get; private set; } = long.MaxValue;

        public bool IsOpen => _segment is not null;

        /// <summary>Set when it could not be opened to be written.</summary>
        public bool IsUnusable { get; set; }

        /// <summary>Set once the disk could not read it.</summary>
        public bool IsUnread { get; set; }

        public Segment Require(IDisk disk) => _segment ??= Segment.Open(disk, Name);

        /// <summary>Remembers how the open segment stands.</summary>
        public void Note()
        {
            if (_segment is not null) (Remaining, SizeBytes) = (_segment.Remaining, _segment.SizeBytes);
        }

        /// <summary>Writes the segment anew without what it holds twice. It stays open.</summary>
        /// <exception cref="IOException">There is no room for that; the segment is as it was.</exception>
        public void Compact(IDisk disk)
        {
            var segment = Require(disk);
            int last = segment.Last;
            byte[] compact = segment.ToCompact();
            Close();
            disk.Replace(Name.Path, compact);
            Require(disk).GoOnBehind(last);
            Note();
        }

        public void NoteAge(Batch batch) => OldestNs = Math.Min(OldestNs, batch.FirstTimeNs + batch.ClockAtSeal.OffsetNs);

        public void Close()
        {
            _segment?.Dispose();
            _segment = null;
        }
    }

    /// <summary>How far the segments of one priority have been read.</summary>
    private sealed class Lane(Priority priority)
    {
        public Priority Priority { get; } = priority;

        public Queue<(StoredId Id, Batch Batch)> Ahead { get; } = new();

        /// <summary>The last batch read.</summary>
        public StoredId Cursor { get; set; }

        /// <summary>The number of the segment that was written last.</summary>
        public int Written { get; set; }

        public void Rewind()
        {
            Ahead.Clear();
            Cursor = default;
        }

        public void Forget(Func<StoredId, bool> which)
        {
            for (int i = Ahead.Count; i > 0; i--)
            {
                var next = Ahead.Dequeue();
                if (!which(next.Id)) Ahead.Enqueue(next);
            }
        }
    }
}
