using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Streaming.Silo.Api;

/// <summary>
/// The project's metrics in Prometheus' text format. Listens to every meter whose name begins with <c>Streaming.</c>, so a part counts with the runtime's own instruments and knows nothing of who reads them.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    private const string MeterPrefix = "Streaming.";
    private const string Overflow = "{overflow=\"true\"}";

    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private readonly Dictionary<string, Family> families = new(StringComparer.Ordinal);

    public MetricsText()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal))
            {
                listening.EnableMeasurementEvents(instrument, FamilyOf(instrument));
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Family)state!).RecordWhole(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Family)state!).Record(value, tags));
        listener.Start();
    }

    /// <summary>Every metric as it is now.</summary>
    public string Read()
    {
        lock (gate)
        {
            foreach (Family family in families.Values)
            {
                family.BeginObservation();
            }

            listener.RecordObservableInstruments();
            StringBuilder text = new();
            foreach (Family family in families.Values.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();

    private Family FamilyOf(Instrument instrument)
    {
        string type = instrument.GetType().Name;
        bool adds = type.StartsWith("Counter", StringComparison.Ordinal) || type.StartsWith("UpDownCounter", StringComparison.Ordinal);
        bool summary = type.StartsWith("Histogram", StringComparison.Ordinal);
        bool gauge = type.Contains("Gauge", StringComparison.Ordinal) || type.Contains("UpDown", StringComparison.Ordinal);
        string name = instrument.Name.Replace('.', '_').Replace('-', '_') + (gauge || summary ? "" : "_total");
        lock (gate)
        {
            if (!families.TryGetValue(name, out Family? family))
            {
                family = new Family(name, instrument.Description ?? "", summary ? "summary" : gauge ? "gauge" : "counter", adds, instrument.IsObservable);
                families.Add(name, family);
            }

            return family;
        }
    }

    /// <summary>One metric over all its label sets. Instruments of the same name, as of two instances in one process, add up.</summary>
    private sealed class Family(string name, string help, string type, bool adds, bool observed)
    {
        private readonly Lock gate = new();
        private readonly SortedDictionary<string, (double Sum, long Count)> series = new(StringComparer.Ordinal);

        private long whole;

        public string Name => name;

        public void BeginObservation()
        {
            if (observed)
            {
                lock (gate)
                {
                    series.Clear();
                }
            }
        }

        /// <summary>What a busy counter without labels does: one addition, no lock.</summary>
        public void RecordWhole(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (adds && tags.Length == 0)
            {
                Interlocked.Add(ref whole, value);
            }
            else
            {
                Record(value, tags);
            }
        }

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string labels = tags.Length == 0 ? "" : Labels(tags);
            lock (gate)
            {
                if (!series.TryGetValue(labels, out (double Sum, long Count) known) && series.Count >= ApiLimits.LabelSets)
                {
                    labels = Overflow;
                    series.TryGetValue(labels, out known);
                }

                series[labels] = adds || observed || type == "summary" ? (known.Sum + value, known.Count + 1) : (value, 1);
            }
        }

        public void Write(StringBuilder text)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            if (adds)
            {
                // A counter that never counted stands at zero, so that a rate over it works from the first time on.
                text.Append(CultureInfo.InvariantCulture, $"{name} {Interlocked.Read(ref whole)}\n");
            }

            lock (gate)
            {
                foreach ((string labels, (double sum, long count)) in series)
                {
                    if (type == "summary")
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {sum:R}\n{name}_count{labels} {count}\n");
                    }
                    else
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {sum:R}\n");
                    }
                }
            }
        }

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            StringBuilder text = new("{");
            foreach ((string key, object? value) in tags)
            {
                string shown = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
                text.Append(text.Length > 1 ? "," : "").Append(key.Replace('.', '_')).Append("=\"");
                text.Append(shown.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
            }

            return text.Append('}').ToString();
        }
    }
}
