using System.Globalization;
using System.Text;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models;
using Streaming.Models.Driving;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>
/// A vehicle's overloads that were found true: the times of the newest few. What counts is a closed case whose outcome says so, by the time at which the vehicle was weighed; the limit of the road and the rated load broken in one weighing are one
/// offence. The warning is raised when the count within the time goes over what the law lets pass, once until it is no more over, and ends with its case.
/// </summary>
internal sealed class OffenceRecord
{
    public const string Kind = "repeat-offender";
    private const string Model = "repeat-offender/1";
    private const long DayMs = 86_400_000;

    /// <summary>Times of offences, ms since 1970, rising.</summary>
    private long[] times = [];

    /// <summary>True from when the warning was raised until the count is no more over.</summary>
    private bool raised;

    /// <summary>A case was closed; to be called while the vehicle's warnings still have the one that it was about.</summary>
    public static void Closed(scoped in Turn turn, CaseClosed closed, scoped in KeptReading lastWeighing, ref OffenceRecord? record, ref OpenWarnings? warnings)
    {
        if (turn.Rules.Vehicles.RepeatOffences is not { } rules || closed.Kind is not (RoadLimitWarning.Kind or RatedLoadWarning.Kind) || !IsFound(turn.Rules, closed.Outcome))
        {
            return;
        }

        // One that was cleared meanwhile is told from its case alone.
        Warning? warning = warnings?.Find(closed.Kind) is { } open && open.Id == closed.WarningId ? open : null;
        (record ??= new OffenceRecord()).Add(turn, closed, warning, lastWeighing, rules, ref warnings);
    }

    private void Add(scoped in Turn turn, CaseClosed closed, Warning? warning, scoped in KeptReading lastWeighing, RepeatOffenceRules rules, ref OpenWarnings? warnings)
    {
        long atMs = warning?.Since.ToUnixTimeMilliseconds() ?? turn.NowMs;
        if (Array.IndexOf(times, atMs) < 0)
        {
            long[] all = [.. times, atMs];
            Array.Sort(all);
            times = all.Length > ModelLimits.OffencesKept ? all[^ModelLimits.OffencesKept..] : all;
        }

        long fromMs = times[^1] - (rules.WithinDays * DayMs);
        int first = Array.FindIndex(times, time => time > fromMs);
        int count = times.Length - first;
        if (count <= rules.MoreThan)
        {
            raised = false;
            return;
        }

        CitedReading? cited = warning?.Evidence.Readings[0];
        if (cited is null && lastWeighing.IsKept)
        {
            cited = new CitedReading(Encoding.UTF8.GetString(lastWeighing.Source), Encoding.UTF8.GetString(lastWeighing.Id), DateTimeOffset.FromUnixTimeMilliseconds(lastWeighing.AtMs));
        }

        if (cited is null || (raised && warnings?.Find(Kind) is null))
        {
            return;
        }

        raised = true;
        warnings ??= new OpenWarnings();
        string district = warning?.District ?? closed.Id[..Math.Max(0, closed.Id.LastIndexOf('-'))];
        warnings.Raise(turn, ActorKind.Vehicle, cited, district, turn.NowMs, Find(turn.Rules, times.AsSpan(first), rules));
    }

    private static Finding Find(Rulebook rulebook, ReadOnlySpan<long> offences, RepeatOffenceRules rules)
    {
        string dates = "";
        foreach (long ms in offences)
        {
            string date = DateTimeOffset.FromUnixTimeMilliseconds(ms).AddMinutes(rulebook.Calendar.UtcOffsetMinutes).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            dates += (dates.Length > 0 ? ", " : "") + date;
        }

        string count = offences.Length.ToString(CultureInfo.InvariantCulture), most = rules.MoreThan.ToString(CultureInfo.InvariantCulture), days = rules.WithinDays.ToString(CultureInfo.InvariantCulture);
        bool full = offences.Length == ModelLimits.OffencesKept;
        return new Finding(
            Kind,
            rules.Severity,
            1,
            Model,
            new Explanation(
                $"The vehicle was found overloaded {(full ? "at least " : "")}{count} times within {days} days, on {dates}, by cases that were closed so; more than {most} make a repeat offender ({rules.LegalSource}).",
                $"该车{days}天内经查实违法超限超载{(full ? "至少" : "")}{count}次，日期：{dates}；超过{most}次即为多次违法（{rules.LegalSource}）。"),
            new SortedDictionary<string, double>(StringComparer.Ordinal) { ["offences"] = offences.Length, ["limitOffences"] = rules.MoreThan, ["withinDays"] = rules.WithinDays },
            $"{most} within {days} days",
            rules.LegalSource);
    }

    private static bool IsFound(Rulebook rules, string outcome)
    {
        foreach (OutcomeCode code in rules.Outcomes)
        {
            if (code.Code == outcome)
            {
                return code.Found == true;
            }
        }

        return false;
    }

    public static void Write(OffenceRecord? record, ByteWriter writer)
    {
        writer.WriteVar((uint)(record is null ? 0 : record.times.Length + 1));
        if (record is not null)
        {
            foreach (long time in record.times)
            {
                writer.WriteInt64(time);
            }

            writer.WriteBool(record.raised);
        }
    }

    public static OffenceRecord? Read(scoped ref ByteReader reader)
    {
        int length = (int)reader.ReadVar();
        if (length == 0)
        {
            return null;
        }

        OffenceRecord record = new() { times = new long[length - 1] };
        for (int i = 0; i < record.times.Length; i++)
        {
            record.times[i] = reader.ReadInt64();
        }

        record.raised = reader.ReadBool();
        return record;
    }
}
