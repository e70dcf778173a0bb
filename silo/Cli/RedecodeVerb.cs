using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Ingest.Formats;
using Streaming.Silo.History;
using Streaming.Silo.Journal;

namespace Streaming.Silo.Cli;

/// <summary><c>redecode</c>: the recorded payloads through this version's decoder.</summary>
internal static class RedecodeVerb
{
    /// <summary>Returns 1 where anything is read differently.</summary>
    public static int Run(RedecodeOptions options, TextWriter output, TextWriter error, CancellationToken cancellation) => Verify.OnJournal(options.Directory, error, disk =>
    {
        Redecoding redecoding = new(options.Source, options.FromMs ?? long.MinValue, options.ToMs ?? long.MaxValue);
        try
        {
            foreach ((long first, ReadOnlyMemory<byte> run) in new RecordedJournal(disk).Runs())
            {
                cancellation.ThrowIfCancellationRequested();
                ReadOnlyMemory<byte> rest = run;
                for (long position = first; rest.Length > 0; position++)
                {
                    redecoding.Take(position, RecordedJournal.Next(ref rest).Span);
                }
            }
        }
        catch (JournalDamagedException damage)
        {
            error.WriteLine(damage.Message);
            return 1;
        }

        if (options.Json)
        {
            output.WriteLine(Json(redecoding));
        }
        else
        {
            Print(redecoding, output);
        }

        return redecoding.Differs ? 1 : 0;
    });

    private static void Print(Redecoding redecoding, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{redecoding.Payloads} payloads: {redecoding.Identical} readings identical, {redecoding.Different} different, {redecoding.NewlyRejected} newly rejected, {redecoding.NewlyAccepted} newly accepted."));
        if (redecoding.NotDecoded + redecoding.WithoutRaw > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Not compared: {redecoding.NotDecoded} payloads quarantined for their topic, {redecoding.WithoutRaw} readings whose payload is not kept any more."));
        }

        foreach ((string field, long count) in redecoding.Fields)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {field} differs: {count}"));
        }

        foreach ((string reason, long count) in redecoding.Reasons)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  newly rejected as {reason}: {count}"));
        }

        foreach (RedecodedDifference difference in redecoding.First)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  position {difference.Position}, {Cited.Printable(difference.Source)}, {Cited.Printable(difference.Id)}: {difference.What} {Cited.Printable(difference.Detail)}"));
        }
    }

    private static string Json(Redecoding redecoding)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("payloads", redecoding.Payloads);
            json.WriteNumber("identical", redecoding.Identical);
            json.WriteNumber("different", redecoding.Different);
            json.WriteNumber("newlyRejected", redecoding.NewlyRejected);
            json.WriteNumber("newlyAccepted", redecoding.NewlyAccepted);
            json.WriteNumber("notDecoded", redecoding.NotDecoded);
            json.WriteNumber("withoutRaw", redecoding.WithoutRaw);
            Write(json, "fields", redecoding.Fields);
            Write(json, "reasons", redecoding.Reasons);
            json.WriteStartArray("first");
            foreach (RedecodedDifference difference in redecoding.First)
            {
                json.WriteStartObject();
                json.WriteNumber("position", difference.Position);
                json.WriteString("what", difference.What);
                json.WriteString("source", difference.Source);
                json.WriteString("id", difference.Id);
                json.WriteString("detail", difference.Detail);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, SortedDictionary<string, long> counts)
    {
        json.WriteStartObject(name);
        foreach ((string key, long count) in counts)
        {
            json.WriteNumber(key, count);
        }

        json.WriteEndObject();
    }
}
