using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The source as the subject of warnings. They go to the dispatcher of the district that it is registered in; one that is not registered, or is cut off, is warned of by nobody. Silence clears once it has been heard for as long as it may be silent;
/// the calibration goes by the register of stations, which a source is told of like any subject.
/// </summary>
public sealed partial class Source
{
    private const string CalibrationReminder = "calibration";
    private const string AgainReminder = "again";

    private readonly SourceWatch watch = new();
    private OpenWarnings? warnings;
    private StationRecord? station;

    /// <summary>What of the station its readings are recorded with.</summary>
    private StationSpan shown;

    /// <summary>When the reminder for the station is due, ms; 0 where none is.</summary>
    private long stationDueMs;

    private bool IsWatched => registration is { Disabled: not true };

    private void WarnOfSilence(scoped in Turn turn, long afterMs)
    {
        if (IsWatched && turn.Rules.Sources.Silence is { Enabled: true } rule && warnings?.Find(SourceWarning.SilenceKind) is null)
        {
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Source, null, registration!.District, turn.NowMs, SourceWarning.Silence(turn.Key, rule, lastSeenMs, afterMs, turn.NowMs));
        }
    }

    /// <summary>It was registered anew: what was expected of it before counts no more.</summary>
    private void ForgetSilence(scoped in Turn turn)
    {
        if (!silent)
        {
            warnings?.Clear(turn, ActorKind.Source, SourceWarning.SilenceKind, turn.NowMs, SourceWarning.SilenceVoid);
        }
    }

    /// <summary>The register of stations says something else of it.</summary>
    private void Learn(scoped in Turn turn, EntryChanged changed)
    {
        if (changed.Register != Streaming.Models.Registers.Register.Stations)
        {
            throw new InvalidOperationException($"Source {turn.Key} got an entry of {changed.Register} at position {turn.Position}; it takes those of stations.");
        }

        station = StationRecord.Of(changed);
        JudgeStation(turn);
    }

    /// <summary>What holds of the station now: shown with the registration, so that its readings are recorded with it, and warned of where its calibration has run out.</summary>
    private void JudgeStation(scoped in Turn turn)
    {
        StationSpan now = station?.At(turn.NowMs) ?? default;
        if (now.CalibratedMs > shown.CalibratedMs && shown != default)
        {
            watch.Calibrated();
            warnings?.Clear(turn, ActorKind.Source, SourceWarning.DriftKind, turn.NowMs, SourceWarning.DriftCalibrated(now.CalibratedMs));
        }

        if (now != shown)
        {
            shown = now;
            ShowRegistration(turn);
        }

        JudgeCalibration(turn);
        turn.Effects.RemindNext(CalibrationReminder, ref stationDueMs, station?.NextMs(turn.NowMs) ?? 0);
    }

    private void JudgeCalibration(scoped in Turn turn)
    {
        if (!IsWatched || !shown.IsExpired(turn.NowMs))
        {
            warnings?.Clear(turn, ActorKind.Source, SourceWarning.CalibrationKind, turn.NowMs, SourceWarning.CalibrationBack(shown));
        }
        else
        {
            Finding finding = SourceWarning.Calibration(turn.Key, turn.Rules.Sources.Calibration, shown);
            warnings ??= new OpenWarnings();
            if (warnings.Find(SourceWarning.CalibrationKind) is not { } open)
            {
                warnings.Raise(turn, ActorKind.Source, null, registration!.District, turn.NowMs, finding);
            }
            else if (open.Evidence.Limit != finding.Limit)
            {
                warnings.Revise(turn, ActorKind.Source, finding, new Explanation("", ""));
            }
        }
    }

    /// <summary>A case is closed. What is not mended by then is looked at once more, a day later.</summary>
    private void HandleClosed(scoped in Turn turn, CaseClosed closed)
    {
        bool isOpen = warnings?.Find(closed.Kind)?.Id == closed.WarningId;
        warnings?.Close(turn, closed);
        if (!isOpen)
        {
            return;
        }

        watch.Close(closed.Kind);
        if (closed.Kind is SourceWarning.SilenceKind or SourceWarning.CalibrationKind)
        {
            turn.Effects.RemindAt(AgainReminder, turn.NowMs + (turn.Rules.Sources.AgainAfterHours * 3_600_000L));
        }
    }

    private void LookAgain(scoped in Turn turn)
    {
        JudgeCalibrationAgain(turn);
        if (silent && registration is { Disabled: not true, Expected: { } expected } && expected.SilentAfterMs() is { } afterMs)
        {
            WarnOfSilence(turn, afterMs);
        }
    }

    private void JudgeCalibrationAgain(scoped in Turn turn)
    {
        if (warnings?.Find(SourceWarning.CalibrationKind) is null)
        {
            JudgeCalibration(turn);
        }
    }

    private void ShowRegistration(scoped in Turn turn)
    {
        if (registration is not null)
        {
            turn.Effects.Show(View.Devices, turn.Key, shown == default ? registration : registration with
            {
                Station = new RegisteredStation(
                    shown.AccuracyHundredthPct > 0 ? shown.AccuracyHundredthPct / 100.0 : null,
                    shown.DueMs != 0 ? DateTimeOffset.FromUnixTimeMilliseconds(shown.DueMs) : null),
            });
        }
    }

    private void WriteWarnings(ByteWriter writer)
    {
        watch.Write(writer);
        OpenWarnings.Write(warnings, writer);
        StationRecord.Write(station, writer);
        shown.Write(writer);
        writer.WriteSigned(stationDueMs);
    }

    private void ReadWarnings(ref ByteReader reader)
    {
        watch.Read(ref reader);
        warnings = OpenWarnings.Read(ref reader);
        station = StationRecord.Read(ref reader);
        shown = StationSpan.Read(ref reader);
        stationDueMs = reader.ReadSigned();
    }

    private void DescribeWarnings(System.Text.Json.Utf8JsonWriter json)
    {
        if (shown.DueMs != 0)
        {
            ReadingJson.Time(json, "calibrationDue", shown.DueMs);
        }

        if (warnings is not null)
        {
            OpenWarnings.Describe(warnings, json);
        }
    }
}
