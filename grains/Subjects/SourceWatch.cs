using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Sources;

namespace Streaming.Grains.Subjects;

/// <summary>
/// How a source does, window by window: what share of its readings is late, rejected, or from a clock that is off, and where the mean front axle of its combinations lies. A window ends with the first publish after its time, so nothing
/// has to be reminded of. Sums of a fixed size by the turn's time; a steady state makes nothing.
/// </summary>
internal sealed class SourceWatch
{
    private const int Kinds = 3;

    private long startMs;
    private long accepted;
    private long rejected;
    private long late;
    private long offClock;

    /// <summary>By kind, as in <see cref="Rule"/>: bad windows one after another.</summary>
    private readonly byte[] bad = new byte[Kinds];

    /// <summary>Front axles since the last mean.</summary>
    private long steeringCount;
    private long steeringSumKg;
    private int meansOutside;

    /// <summary>Takes a publish in, and judges what is complete with it.</summary>
    public void Take(scoped in Turn turn, scoped in Published published, SourceRegistration registration, ref OpenWarnings? warnings)
    {
        SourceRules rules = turn.Rules.Sources;
        startMs = startMs == 0 ? turn.NowMs : startMs;
        accepted += published.Accepted;
        rejected += published.Rejected;
        RejectCounts reasons = published.Reasons;
        offClock += published.Ahead + reasons[(int)RejectReason.BadTime];
        if (registration.Register is null)
        {
            // A record of a register is as late as it is long ago that it was made, which is no fault.
            LatenessBands bands = published.Late;
            for (int band = LatenessBands.Of(SourceRules.LateMs); band < LatenessBands.Bands; band++)
            {
                late += bands[band];
            }
        }

        if (turn.NowMs - startMs >= rules.WindowS * 1000L && accepted + rejected >= rules.LeastReadings)
        {
            Judge(turn, registration, ref warnings);
            (startMs, accepted, rejected, late, offClock) = (turn.NowMs, 0, 0, 0, 0);
        }

        if (rules.Drift is { } drift)
        {
            SteeringAxles steering = published.Steering;
            (int count, int sumKg) = steering[SteeringAxles.Of(drift.Axles)];
            steeringCount += count;
            steeringSumKg += sumKg;
            if (count > 0 && steeringCount >= drift.Trucks)
            {
                JudgeDrift(turn, registration, drift, ref warnings);
            }
        }
    }

    /// <summary>The scale was calibrated: what was weighed before says nothing of it any more.</summary>
    public void Calibrated() => (steeringCount, steeringSumKg, meansOutside) = (0, 0, 0);

    /// <summary>A case is closed: it takes as long as at first to warn again.</summary>
    public void Close(string kind)
    {
        if (kind == SourceWarning.DriftKind)
        {
            Calibrated();
        }

        for (int i = 0; i < Kinds; i++)
        {
            bad[i] = kind == SourceWarning.ShareKinds[i] ? (byte)0 : bad[i];
        }
    }

    private static ShareRule Rule(SourceRules rules, int kind) => kind switch { 0 => rules.Lateness, 1 => rules.Rejects, _ => rules.Clock };

    private void Judge(scoped in Turn turn, SourceRegistration registration, ref OpenWarnings? warnings)
    {
        long all = accepted + rejected;
        for (int i = 0; i < Kinds; i++)
        {
            ShareRule rule = Rule(turn.Rules.Sources, i);
            string kind = SourceWarning.ShareKinds[i];
            long some = i switch { 0 => late, 1 => Math.Max(0, rejected - offClock), _ => offClock };
            bool isOpen = warnings?.Find(kind) is not null;
            if (rule.Enabled && rule.IsBad(some, all))
            {
                bad[i] = (byte)Math.Min(bad[i] + 1, turn.Rules.Sources.BadWindows);
                if (isOpen || bad[i] >= turn.Rules.Sources.BadWindows)
                {
                    warnings ??= new OpenWarnings();
                    warnings.Raise(turn, ActorKind.Source, null, registration.District, turn.NowMs, SourceWarning.Share(turn.Key, i, rule, some, all, turn.NowMs - startMs));
                }
            }
            else if (!isOpen || !rule.Enabled || rule.IsGood(some, all))
            {
                bad[i] = 0;
                warnings?.Clear(turn, ActorKind.Source, kind, turn.NowMs, SourceWarning.ShareBack(rule, some, all));
            }
        }
    }

    private void JudgeDrift(scoped in Turn turn, SourceRegistration registration, DriftRule rule, ref OpenWarnings? warnings)
    {
        double meanKg = (double)steeringSumKg / steeringCount;
        long trucks = steeringCount;
        (steeringCount, steeringSumKg) = (0, 0);
        bool isOpen = warnings?.Find(SourceWarning.DriftKind) is not null;
        if (rule.IsOutside(meanKg))
        {
            meansOutside = Math.Min(meansOutside + 1, rule.Means);
            if (isOpen || meansOutside >= rule.Means)
            {
                warnings ??= new OpenWarnings();
                warnings.Raise(turn, ActorKind.Source, null, registration.District, turn.NowMs, SourceWarning.Drift(turn.Key, rule, meanKg, trucks));
            }
        }
        else if (!isOpen || rule.IsWithin(meanKg))
        {
            meansOutside = 0;
            warnings?.Clear(turn, ActorKind.Source, SourceWarning.DriftKind, turn.NowMs, SourceWarning.DriftBack(rule, meanKg));
        }
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteSigned(startMs);
        writer.WriteVar((ulong)accepted);
        writer.WriteVar((ulong)rejected);
        writer.WriteVar((ulong)late);
        writer.WriteVar((ulong)offClock);
        for (int i = 0; i < Kinds; i++)
        {
            writer.WriteByte(bad[i]);
        }

        writer.WriteVar((ulong)steeringCount);
        writer.WriteVar((ulong)steeringSumKg);
        writer.WriteVar((uint)meansOutside);
    }

    public void Read(ref ByteReader reader)
    {
        startMs = reader.ReadSigned();
        accepted = (long)reader.ReadVar();
        rejected = (long)reader.ReadVar();
        late = (long)reader.ReadVar();
        offClock = (long)reader.ReadVar();
        for (int i = 0; i < Kinds; i++)
        {
            bad[i] = reader.ReadByte();
        }

        steeringCount = (long)reader.ReadVar();
        steeringSumKg = (long)reader.ReadVar();
        meansOutside = (int)reader.ReadVar();
    }
}
