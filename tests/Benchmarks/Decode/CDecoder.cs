using System.Globalization;
using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Benchmarks.Decode;

/// <summary>
/// The same signals decoded in C that is written for them: a function a message with every number in it as a constant, found as ours are found.
/// </summary>
internal sealed unsafe class CDecoder : IDisposable
{
    private readonly CLibrary _library;
    private readonly delegate* unmanaged<CanFrame*, int, double*, long> _decode;

    /// <param name="plan">What to decode, and into which slots.</param>
    /// <param name="byBytes">True to put a signal together from its bytes, as cantools' generate_c_source does; false to load eight at once.</param>
    public CDecoder(DecodePlan plan, bool byBytes)
    {
        string source = Path.Combine(Path.GetTempPath(), $"edge-agent-decode-{Guid.NewGuid():N}.c");
        File.WriteAllText(source, new CSource(plan, byBytes).Text);
        try
        {
            _library = new CLibrary("decode", source);
        }
        finally
        {
            File.Delete(source);
        }
        _decode = (delegate* unmanaged<CanFrame*, int, double*, long>)_library["decode"];
    }

    /// <summary>Decodes frames one after the other; <paramref name="values"/> is by slot and keeps the last value of each.</summary>
    /// <returns>How many values.</returns>
    public long Decode(ReadOnlySpan<CanFrame> frames, double[] values)
    {
        fixed (CanFrame* first = frames)
        fixed (double* slots = values)
            return _decode(first, frames.Length, slots);
    }

    public void Dispose() => _library.Dispose();
}

/// <summary>Writes that C.</summary>
internal sealed class CSource
{
    private readonly StringBuilder _text = new();
    private readonly bool _byBytes;

    public CSource(DecodePlan plan, bool byBytes)
    {
        _byBytes = byBytes;
        Line("#include <stdint.h>");
        Line("#include <string.h>");
        Line("struct frame { uint32_t id; uint8_t length, flags, reserved, dlc; uint8_t data[64]; };");
        Line("typedef int decoder(const uint8_t *d, int length, double *values);");
        Line("static uint64_t little(const uint8_t *d) { uint64_t x; memcpy(&x, d, 8); return x; }");
        Line("static uint64_t big(const uint8_t *d) { return __builtin_bswap64(little(d)); }");
        Line("static double real(uint32_t x) { float f; memcpy(&f, &x, 4); return f; }");
        var messages = plan.Signals.Select((planned, slot) => (planned.Message, planned.Signal, Slot: slot)).GroupBy(each => each.Message).ToArray();
        foreach (var message in messages) AddMessage(message.Key, [.. message.Select(each => (each.Signal, each.Slot))]);
        AddTables([.. messages.Select(message => message.Key.Id)]);
        Line("""
            int64_t decode(const struct frame *frames, int count, double *values)
            {
                int64_t decoded = 0;
                for (int i = 0; i < count; i++) {
                    const struct frame *f = &frames[i];
                    if (f->id & 0x60000000u) continue;
                    int found;
                    if (f->id & 0x80000000u) {
                        uint32_t place = (f->id * 0x9E3779B1u) >> SHIFT;
                        while (extended[place].entry && extended[place].id != f->id) place = (place + 1) & (SIZE - 1);
                        found = extended[place].entry;
                    } else {
                        found = standard[f->id & 0x7FF];
                    }
                    if (found) decoded += decoders[found - 1](f->data, f->length, values);
                }
                return decoded;
            }
            """);
    }

    public string Text => _text.ToString();

    private void Line(string line) => _text.Append(line).Append('\n');

    private void AddMessage(DbcMessage message, (DbcSignal Signal, int Slot)[] signals)
    {
        Line($"static int d{message.Id.Raw}(const uint8_t *d, int length, double *values)");
        Line("{");
        Line($"    if (length < {message.Length}) return 0;");
        int always = signals.Count(each => each.Signal.Multiplexing is null);
        foreach (var (signal, slot) in signals.Where(each => each.Signal.Multiplexing is null)) AddSignal(signal, slot);
        var groups = signals.Where(each => each.Signal.Multiplexing is not null).GroupBy(each => each.Signal.Multiplexing!.Ranges[0].First).ToArray();
        if (groups.Length > 0)
        {
            var multiplexer = message.Signals.Single(signal => signal.IsMultiplexer);
            Line($"    switch ({Raw(multiplexer)}) {{");
            foreach (var group in groups)
            {
                Line($"    case {group.Key}:");
                foreach (var (signal, slot) in group) AddSignal(signal, slot);
                Line($"        return {always + group.Count()};");
            }
            Line("    }");
        }
        Line($"    return {always};");
        Line("}");
    }

    private void AddSignal(DbcSignal signal, int slot)
    {
        string raw = Raw(signal);
        int type = TypeBits(signal);
        ulong top = 1UL << (signal.Length - 1);
        if (signal.IsFloat) raw = $"real((uint32_t){raw})";
        else if (signal.IsSigned && signal.Length < type) raw = $"(int{type}_t)(({raw} ^ {top}u) - {top}u)";
        else if (signal.IsSigned) raw = $"(int{type}_t){raw}";
        string scaled = signal.Scale == 1 && signal.Offset == 0 ? $"(double){raw}" : string.Create(CultureInfo.InvariantCulture, $"(double){raw} * {signal.Scale:R} + {signal.Offset:R}");
        Line($"        values[{slot}] = {scaled};");
    }

    private static int TypeBits(DbcSignal signal) => signal.Length switch { <= 8 => 8, <= 16 => 16, <= 32 => 32, _ => 64 };

    /// <summary>An expression of the bits as an unsigned number.</summary>
    private string Raw(DbcSignal signal)
    {
        bool isBig = signal.ByteOrder == ByteOrder.BigEndian;
        int first = isBig ? signal.StartBit ^ 7 : signal.StartBit, end = first + signal.Length, type = TypeBits(signal);
        ulong mask = ulong.MaxValue >> (64 - signal.Length);
        if (!_byBytes)
        {
            int window = Math.Max(0, (end + 7) / 8 - 8), shift = isBig ? 8 * (window + 8) - end : first - 8 * window;
            return $"(uint{type}_t)(({(isBig ? "big" : "little")}(d + {window}) >> {shift}) & {mask}u)";
        }
        var parts = new List<string>();
        for (int index = first / 8; index <= (end - 1) / 8; index++)
        {
            // How far to the left of its place in the number the byte's bit 0 lies.
            int left = isBig ? end - 8 * (index + 1) : first - 8 * index;
            left = isBig ? left : -left;
            parts.Add(left >= 0 ? $"((uint{type}_t)d[{index}] << {left})" : $"((uint{type}_t)d[{index}] >> {-left})");
        }
        return $"(uint{type}_t)(({string.Join(" | ", parts)}) & {mask}u)";
    }

    private void AddTables(CanId[] ids)
    {
        int size = 4;
        while (size < 2 * ids.Length) size *= 2;
        int shift = 32 - int.Log2(size);
        var extended = new (uint Raw, int Entry)[size];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!ids[i].IsExtended) continue;
            int place = (int)((ids[i].Raw * 0x9E3779B1u) >> shift);
            while (extended[place].Entry != 0) place = (place + 1) & (size - 1);
            extended[place] = (ids[i].Raw, i + 1);
        }
        Line($"enum {{ SIZE = {size}, SHIFT = {shift} }};");
        Line($"static decoder *const decoders[] = {{ {string.Join(", ", ids.Select(id => $"d{id.Raw}"))} }};");
        Line($"static const uint16_t standard[2048] = {{ {string.Join(", ", ids.Select((id, i) => (id, i)).Where(each => !each.id.IsExtended).Select(each => $"[{each.id.Value}] = {each.i + 1}"))} }};");
        Line($"static const struct {{ uint32_t id; int entry; }} extended[SIZE] = {{ {string.Join(", ", extended.Select(each => $"{{ {each.Raw}u, {each.Entry} }}"))} }};");
    }
}
