using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The weighings that a vehicle's open warnings of too much mass rest on, one for each limit, so that they can be judged anew when a register changes. There is none for a vehicle that never weighed too much.
/// </summary>
internal sealed class MassWarnings
{
    private readonly Rest[] rests = new Rest[WeighedMass.Limits.Length];

    /// <summary>A weighing that a warning rests on, and the accuracy that its station was registered with.</summary>
    private struct Rest
    {
        public KeptReading Reading;
        public StationAccuracy Accuracy;
    }

    /// <summary>Raises what a weighing gives reason for. A weighing within its limits makes nothing.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="message">The weighing.</param>
    /// <param name="weighed">What it comes to.</param>
    /// <param name="before">The vehicle's newest weighing before this one.</param>
    /// <param name="beforeAccuracyHundredthPct">Accuracy of its station.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    /// <param name="rests">What they rest on.</param>
    public static void Raise(
        scoped in Turn turn, scoped in Message message, scoped in WeighedMass weighed, in KeptReading before, int beforeAccuracyHundredthPct, ref OpenWarnings? warnings, ref MassWarnings? rests)
    {
        foreach (MassLimit limit in WeighedMass.Limits)
        {
            if (!weighed.IsOver(limit))
            {
                continue;
            }

            warnings ??= new OpenWarnings();
            string kind = WeighedMass.KindOf(limit);
            bool isNew = warnings.Find(kind) is { } open && (open.Count < GrainLimits.OverloadsToldAtOnce || weighed.Severity(limit) > open.Severity);
            if (!warnings.IsToTell(kind, isNew, turn.NowMs, GrainLimits.OverloadTellEveryS, message.Header.AtMs))
            {
                continue;
            }

            scoped WeighedMass told = weighed with { Before = LearnedConfidence.Before(before, beforeAccuracyHundredthPct) };
            warnings.Raise(turn, ActorKind.Vehicle, message, weighed.Weighing.Image, told.Find(limit));
            rests ??= new MassWarnings();
            ref Rest rest = ref rests.rests[(int)limit];
            if (rest.Reading.Precedes(message))
            {
                rest.Reading.Keep(message);
                rest.Accuracy = StationAccuracy.Of(message);
            }
        }
    }

    /// <summary>Judges the open warnings anew by the weighings that they rest on: each is cleared, or gets the new limit, or stays.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="changed">The change of a register that made it necessary.</param>
    /// <param name="last">The vehicle's last weighing, judged by what the registers say now; it may have been counted only, and where it is over, the warning stands on it.</param>
    /// <param name="warnings">The vehicle's warnings.</param>
    public void Reconsider(scoped in Turn turn, EntryChanged changed, scoped in WeighedMass last, OpenWarnings warnings)
    {
        foreach (MassLimit limit in WeighedMass.Limits)
        {
            ref Rest rest = ref rests[(int)limit];
            string kind = WeighedMass.KindOf(limit);
            if (warnings.Find(kind) is not { } open || !rest.Reading.IsKept)
            {
                continue;
            }

            scoped WeighedMass weighed = last.IsOver(limit) ? last : Weighed(turn, rest.Reading, rest.Accuracy, last.Registration);
            Explanation why = weighed.Anew(limit, changed);
            if (!weighed.IsOver(limit))
            {
                warnings.Clear(turn, ActorKind.Vehicle, kind, turn.NowMs, new Explanation(why.En.TrimStart(), why.Zh));
                rest = default;
            }
            else if (open.Evidence.Figures.GetValueOrDefault("limitKg") != weighed.AllowedKg(limit)
                || open.Evidence.Figures.GetValueOrDefault(RoadLimitWarning.AxlesLimit) != weighed.AllowedAxlesKg(limit))
            {
                warnings.Revise(turn, ActorKind.Vehicle, (weighed with { Before = LearnedConfidence.Before(open, weighed.AtMs) }).Find(limit), why);
            }
        }
    }

    /// <summary>What is kept without an open warning, after a case was closed, is let go.</summary>
    /// <returns>Itself, or null where nothing is left.</returns>
    public MassWarnings? Without(OpenWarnings? warnings)
    {
        bool any = false;
        foreach (MassLimit limit in WeighedMass.Limits)
        {
            if (warnings?.Find(WeighedMass.KindOf(limit)) is null)
            {
                rests[(int)limit] = default;
            }

            any |= rests[(int)limit].Reading.IsKept;
        }

        return any ? this : null;
    }

    /// <summary>A weighing that was kept, with what it is judged by now.</summary>
    public static WeighedMass Weighed(scoped in Turn turn, in KeptReading kept, StationAccuracy accuracy, VehicleRegistration? registration)
    {
        ByteReader reader = new(kept.Body);
        return new WeighedMass(turn.Rules, WeighReading.Read(ref reader), kept.Source, accuracy, kept.AtMs, registration);
    }

    public static void Write(MassWarnings? rests, ByteWriter writer)
    {
        writer.WriteVar((uint)(rests?.rests.Length ?? 0));
        for (int i = 0; i < rests?.rests.Length; i++)
        {
            rests.rests[i].Reading.Write(writer);
            writer.WriteVar(rests.rests[i].Accuracy.Number);
        }
    }

    public static MassWarnings? Read(scoped ref ByteReader reader)
    {
        int count = (int)reader.ReadVar();
        MassWarnings? read = null;
        for (int i = 0; i < count; i++)
        {
            read ??= new MassWarnings();
            read.rests[i].Reading = KeptReading.Read(ref reader);
            read.rests[i].Accuracy = StationAccuracy.OfNumber(reader.ReadVar());
        }

        return read;
    }

    /// <summary>As a state of before there was a second limit had it: the weighing that an overload of the road rests on.</summary>
    public static MassWarnings? ReadRoad(scoped ref ByteReader reader)
    {
        Rest road = new() { Reading = KeptReading.Read(ref reader), Accuracy = StationAccuracy.OfNumber(reader.ReadVar()) };
        if (!road.Reading.IsKept)
        {
            return null;
        }

        MassWarnings read = new();
        read.rests[(int)MassLimit.Road] = road;
        return read;
    }
}
