using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Streaming.Models.Registers;
using Streaming.Models.Tanks;

namespace Streaming.Grains.Subjects;

/// <summary>
/// One enterprise: its tanks and process units, its ledger, what its cameras see, and the warnings that follow. Each tank has a memory of its own readings, so that a backlog of one never crowds out another's.
/// A warning is of the enterprise and a kind and covers every tank that is outside its limits: several tanks in trouble are one matter for whoever is sent there. It clears when the last of them is back.
/// </summary>
public sealed class Enterprise : Actor, IOtherTanks
{
    private const byte Version = 3;

    /// <summary>By name, ordinal.</summary>
    private readonly List<Unit> units = [];

    /// <summary>Units beyond those of the state, and for each figure how many of them have it outside its limits: they are not at hand when another tank comes back.</summary>
    private long unitsInRows;
    private RowAlarms rowAlarms;
    private RowAlarms rowExpected;
    private int rowAnomalous;
    private Ledger ledger = new();
    private VideoWatch? video;
    private SubstanceLife? life;
    private OpenWarnings? warnings;
    private SceneWatch? scenes;
    private StopOrders? stops;
    private SourceControl? overloads;
    private KeptWaste? waste;

    /// <summary>District of the source that reported of it first, UTF-8: what is found without a reading is that district's.</summary>
    private byte[] district = [];
    private long lastSeenMs;
    private bool exists;

    private sealed class Unit(byte[] utf8, TankStream tank)
    {
        public byte[] Utf8 { get; } = utf8;

        public string Name { get; } = Encoding.UTF8.GetString(utf8);

        public TankStream Tank { get; } = tank;

        public bool InRow { get; init; }

        /// <summary>What is counted as stored of what it reported last, grams; -1 where nothing is.</summary>
        public long CountedGrams { get; set; } = -1;
    }

    [InlineArray(TankFigureNames.Count)]
    private struct RowAlarms
    {
        private int first;
    }

    public override bool HasRows => true;

    public override bool Exists => exists || life?.Registration is not null || stops is not null || overloads is not null;

    public override void Handle(scoped in Turn turn, scoped in Message message)
    {
        bool changed;
        switch (message.Kind)
        {
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Plant:
                changed = HandlePlant(turn, message);
                break;
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Ledger:
                changed = HandleLedger(turn, message);
                break;
            case MessageKind.Reading when message.ReadingKind == ReadingKind.Video:
                video ??= new VideoWatch();
                changed = video.Handle(turn, message, ActorKind.Enterprise, ref warnings);
                if (changed)
                {
                    SceneWatch.Judge(turn, message, ActorKind.Enterprise, ref scenes, ref warnings);
                    stops?.See(turn, message, ref warnings);
                }

                break;
            case MessageKind.EntryChanged:
                EntryChanged entry = EntryChanged.Read(message.Body);
                life ??= new SubstanceLife();
                life.Learn(turn, entry, warnings);
                life = life.IsEmpty ? null : life;
                if (entry.Register == Register.Enterprises)
                {
                    StopOrders.Learn(ref stops, turn, entry, warnings);
                }

                return;
            case MessageKind.OutcomeDecided:
                (stops ??= new StopOrders()).Begin(turn, message.Read<OutcomeDecided>().Case);
                return;
            case MessageKind.OverloadTraced:
                SourceControl.Hear(ref overloads, turn, message.Read<Overload>(), ref warnings);
                return;
            case MessageKind.ShipmentSent:
                Receipts.Hear(turn, message.Read<ShipmentSent>(), ref life, Exists);
                return;
            case MessageKind.ShipmentReceived:
                life?.Shipments?.Hear(turn, message.Read<ShipmentReceived>(), ref warnings);
                return;
            case MessageKind.Reminded:
                Remind(turn, Encoding.UTF8.GetString(message.Body));
                return;
            case MessageKind.CaseClosed:
                HandleClosed(turn, message.Read<CaseClosed>());
                return;
            default:
                throw new InvalidOperationException(
                    $"Enterprise {turn.Key} got {message.Kind} {message.ReadingKind} at position {turn.Position}; it takes telemetry of its units, ledger lines, camera events, entries of registers, what others sent it or received of it, its reminders, overloads of trucks that came from it, and the outcome and end of a case.");
        }

        if (changed)
        {
            exists = true;
            if (district.Length == 0)
            {
                district = message.Origin.District.ToArray();
            }

            lastSeenMs = Math.Max(lastSeenMs, message.Header.AtMs);
        }
    }

    private bool HandleLedger(scoped in Turn turn, scoped in Message message)
    {
        if (!ledger.Handle(turn, message))
        {
            return false;
        }

        ByteReader reader = new(message.Body);
        LedgerReading line = LedgerReading.Read(ref reader);
        stops?.Enter(turn, message, line, ref warnings);
        life ??= new SubstanceLife();
        if (line.IsWaste)
        {
            // Waste needs no permit for its substance, and its books are those of its age.
            KeptWaste.Enter(ref waste, turn, message, line, ref warnings);
        }
        else
        {
            life.Enter(turn, message, line, ref warnings);
        }

        if (line.Waybill.IsEmpty)
        {
            return true;
        }

        if (line.Action == LedgerAction.Receive)
        {
            life.Receipts ??= new Receipts();
            life.Receipts.Enter(turn, message, line, life);
        }
        else if (line.Action == LedgerAction.Ship && !line.Counterparty.IsEmpty && line.Counterparty.Length <= GrainLimits.KeyBytes && !line.Counterparty.SequenceEqual(Encoding.UTF8.GetBytes(turn.Key)))
        {
            life.Shipments ??= new Shipments();
            life.Shipments.Enter(turn, message, line, ref warnings);
        }

        return true;
    }

    private void Remind(scoped in Turn turn, string name)
    {
        switch (name)
        {
            case Shipments.Reminder:
                life?.Shipments?.Due(turn);
                break;
            case SubstanceLife.Reminder:
                life?.Due(turn, ref warnings);
                break;
            case SceneWatch.Reminder:
                SceneWatch.Due(turn, ActorKind.Enterprise, ref scenes, warnings);
                break;
            case SubstanceLife.PermitReminder:
                life?.PermitsDue(turn, Encoding.UTF8.GetString(district), ref warnings);
                break;
            case KeptWaste.Reminder:
                waste?.Due(turn, Encoding.UTF8.GetString(district), ref warnings);
                break;
        }
    }

    /// <summary>Only the end of the warning that is open settles what it was about; the word of an earlier case does not.</summary>
    private void HandleClosed(scoped in Turn turn, CaseClosed closed)
    {
        bool isOpen = warnings?.Find(closed.Kind)?.Id == closed.WarningId;
        warnings?.Close(turn, closed);
        StopOrders.Close(ref stops, turn, closed, isOpen);
        if (isOpen)
        {
            SceneWatch.Close(closed, ref scenes);
            life?.Close(turn, closed);
            SourceControl.Close(ref overloads, closed.Kind);
            waste?.Close(turn, closed.Kind);
        }
    }

    private bool HandlePlant(scoped in Turn turn, scoped in Message message)
    {
        ByteReader reader = new(message.Body);
        PlantReading plant = PlantReading.Read(ref reader);
        Unit unit = Find(turn.Rows, plant.Unit, out int place);
        switch (unit.Tank.Recognise(turn, message))
        {
            case Recognition.Repeated:
                return false;
            case Recognition.Unknown:
                turn.Effects.LookUp();
                return false;
        }

        if (place >= 0)
        {
            units.Insert(place, unit);
        }

        unitsInRows += unit.InRow && unit.Tank.Readings == 0 ? 1 : 0;
        ReadOnlySpan<byte> held = unit.Tank.Substance;
        bool newest = unit.Tank.Accept(turn, message, plant.Substance);
        if (newest)
        {
            CountStored(turn, message, unit, held, plant.Tank.MassKg);
        }

        if (newest)
        {
            stops?.Hear(turn, message, unit.Name, plant.Tank, ref warnings);
        }

        int moved = newest ? TankWarnings.Judge(turn, message, ActorKind.Enterprise, unit.Name, unit.Tank, plant.Tank, ref warnings, this) : 0;
        int expected = newest ? TankForecastWarnings.Judge(turn, message, ActorKind.Enterprise, unit.Name, unit.Tank, plant.Tank, ref warnings, this) : 0;
        int anomalous = newest ? TankAnomalyWarnings.Judge(turn, message, ActorKind.Enterprise, unit.Name, unit.Tank, plant.Tank, ref warnings, this) : 0;
        if (unit.InRow)
        {
            rowAnomalous += anomalous;
            for (int i = 0; i < TankFigureNames.Count; i++)
            {
                rowAlarms[i] += ((moved >> i) & 1) - ((moved >> (i + 8)) & 1);
                rowExpected[i] += ((expected >> i) & 1) - ((expected >> (i + 8)) & 1);
            }

            ByteWriter writer = new(1024);
            unit.Tank.Write(writer);
            TankWatch.Write(unit.Tank.Watch, writer);
            writer.WriteSigned(unit.CountedGrams);
            TankNorm.Write(unit.Tank.Watch?.Norm, writer);
            turn.Rows.Put(RowKey(unit.Name), writer.Written.ToArray());
        }

        return true;
    }

    /// <summary>Counts what the tank holds now in place of what it held before. A tank that reports no mass keeps what was counted, unless it holds something else.</summary>
    private void CountStored(scoped in Turn turn, scoped in Message message, Unit unit, ReadOnlySpan<byte> held, double massKg)
    {
        ReadOnlySpan<byte> holds = unit.Tank.Substance;
        bool known = !double.IsNaN(massKg);
        if ((!known && unit.CountedGrams < 0) || holds.IsEmpty)
        {
            return;
        }

        life ??= new SubstanceLife();
        long grams = known ? (long)Math.Round(Math.Clamp(massKg, 0, Models.ModelLimits.StoredKg) * 1000) : held.SequenceEqual(holds) ? unit.CountedGrams : -1;
        if (grams != unit.CountedGrams || !held.SequenceEqual(holds))
        {
            unit.CountedGrams = life.Move(turn, held, unit.CountedGrams, holds, grams);
        }

        life.Look(turn, message, ref warnings);
    }

    /// <summary>The unit as it stands. Of one that is not in the state, <paramref name="place"/> is where it belongs there as long as there is room; otherwise that is -1.</summary>
    private Unit Find(IActorRows rows, ReadOnlySpan<byte> name, out int place)
    {
        int low = 0, high = units.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = name.SequenceCompareTo(units[middle].Utf8);
            if (order == 0)
            {
                place = -1;
                return units[middle];
            }

            (low, high) = order < 0 ? (low, middle) : (middle + 1, high);
        }

        if (units.Count < GrainLimits.UnitsInState)
        {
            place = low;
            return new Unit(name.ToArray(), new TankStream());
        }

        place = -1;
        byte[]? row = rows.Find(RowKey(Encoding.UTF8.GetString(name)));
        ByteReader reader = new(row);
        TankStream tank = row is null ? new TankStream() : TankStream.Read(ref reader);
        tank.Watch = row is null || reader.AtEnd ? null : TankWatch.Read(ref reader);

        // A row of before what is stored was counted ends here, and one of before tanks had a norm behind that.
        Unit unit = new(name.ToArray(), tank) { InRow = true, CountedGrams = reader.AtEnd ? -1 : reader.ReadSigned() };
        ReadNorm(tank, ref reader);
        return unit;
    }

    private static void ReadNorm(TankStream tank, scoped ref ByteReader reader)
    {
        if (!reader.AtEnd && TankNorm.Read(ref reader) is { } norm)
        {
            tank.Watch!.Norm = norm;
        }
    }

    private static string RowKey(string unit) => $"unit/{unit}";

    bool IOtherTanks.AnyAlarmed(TankFigure figure, string unit) => AnyOther(unit, other => other.Band(figure) != TankBand.Normal, rowAlarms[(int)figure]);

    /// <summary>True where something holds of a tank other than the one in hand.</summary>
    /// <param name="unit">The one in hand.</param>
    /// <param name="holds">Whether it holds of a tank of the state.</param>
    /// <param name="inRows">Of how many tanks in rows it holds. The one in hand may be one of them: it is still counted while it comes back.</param>
    private bool AnyOther(string unit, Predicate<TankStream> holds, int inRows)
    {
        bool inState = false;
        foreach (Unit other in units)
        {
            if (other.Name == unit)
            {
                inState = true;
            }
            else if (holds(other.Tank))
            {
                return true;
            }
        }

        return inRows > (inState ? 0 : 1);
    }

    List<AlarmedTank> IOtherTanks.Alarmed(TankFigure figure, string unit, TankLimits limits, string subject, int most)
    {
        List<AlarmedTank> alarmed = [];
        foreach (Unit other in units)
        {
            if (alarmed.Count == most)
            {
                break;
            }

            TankBand band = other.Tank.Band(figure);
            if (band == TankBand.Normal || other.Name == unit)
            {
                continue;
            }

            ByteReader reader = new(other.Tank.Last.Body);
            double value = figure.Value(PlantReading.Read(ref reader).Tank);
            double limit = other.Tank.Profile(limits, subject, other.Name).Of(figure)?.Limit(band) ?? double.NaN;
            if (!double.IsNaN(value) && !double.IsNaN(limit))
            {
                alarmed.Add(new AlarmedTank(other.Name, Encoding.UTF8.GetString(other.Tank.Substance), value, band, limit));
            }
        }

        return alarmed;
    }

    bool IOtherTanks.AnyExpected(TankFigure figure, string unit) => AnyOther(unit, other => other.Watch?.IsExpected(figure) == true, rowExpected[(int)figure]);

    bool IOtherTanks.AnyAnomalous(string unit) => AnyOther(unit, other => other.Watch?.IsAnomalous == true, rowAnomalous);

    List<string> IOtherTanks.Anomalous(string unit, int most) =>
        [.. units.Where(other => other.Name != unit && other.Tank.Watch?.IsAnomalous == true).Take(most).Select(other => other.Name)];

    List<string> IOtherTanks.Expected(TankFigure figure, string unit, int most) =>
        [.. units.Where(other => other.Name != unit && other.Tank.Watch?.IsExpected(figure) == true).Take(most).Select(other => other.Name)];

    public override void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteBool(exists);
        writer.WriteSigned(lastSeenMs);
        writer.WriteVar((uint)units.Count);
        foreach (Unit unit in units)
        {
            // The name is in the reading that the tank keeps.
            unit.Tank.Write(writer);
        }

        writer.WriteVar((ulong)unitsInRows);
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            writer.WriteSigned(rowAlarms[i]);
        }

        ledger.Write(writer);
        VideoWatch.Write(video, writer);
        OpenWarnings.Write(warnings, writer);
        foreach (Unit unit in units)
        {
            TankWatch.Write(unit.Tank.Watch, writer);
        }

        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            writer.WriteSigned(rowExpected[i]);
        }

        writer.WriteSigned(rowAnomalous);
        SubstanceLife.Write(life, writer);
        foreach (Unit unit in life is null ? [] : units)
        {
            writer.WriteSigned(unit.CountedGrams);
        }

        SubstanceLife.WriteReminder(life, writer);
        StopOrders.Write(stops, writer);
        SourceControl.Write(overloads, writer);
        KeptWaste.Write(waste, writer);
        writer.WriteBytes(district);
        SceneWatch.Write(scenes, writer);
        foreach (Unit unit in units)
        {
            TankNorm.Write(unit.Tank.Watch?.Norm, writer);
        }
    }

    public override void Read(ref ByteReader reader)
    {
        byte version = StateVersion.Read(ref reader, Version, nameof(Enterprise));
        exists = reader.ReadBool();
        lastSeenMs = reader.ReadSigned();
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            TankStream tank = TankStream.Read(ref reader);
            ByteReader last = new(tank.Last.Body);
            units.Add(new Unit(PlantReading.Read(ref last).Unit.ToArray(), tank));
        }

        unitsInRows = (long)reader.ReadVar();
        for (int i = 0; i < TankFigureNames.Count; i++)
        {
            rowAlarms[i] = (int)reader.ReadSigned();
        }

        ledger = Ledger.Read(ref reader);
        video = VideoWatch.Read(ref reader);
        warnings = OpenWarnings.Read(ref reader);
        if (version >= 2)
        {
            foreach (Unit unit in units)
            {
                unit.Tank.Watch = TankWatch.Read(ref reader);
            }

            for (int i = 0; i < TankFigureNames.Count; i++)
            {
                rowExpected[i] = (int)reader.ReadSigned();
            }

            rowAnomalous = (int)reader.ReadSigned();
            life = SubstanceLife.Read(ref reader);
            foreach (Unit unit in life is null ? [] : units)
            {
                unit.CountedGrams = reader.ReadSigned();
            }
        }

        if (version >= 3)
        {
            SubstanceLife.ReadReminder(life, ref reader);
            stops = StopOrders.Read(ref reader);
            overloads = SourceControl.Read(ref reader);
            waste = KeptWaste.Read(ref reader);
            district = reader.ReadBytes().ToArray();
            scenes = SceneWatch.Read(ref reader);
            foreach (Unit unit in units)
            {
                ReadNorm(unit.Tank, ref reader);
            }
        }
    }

    public override void Describe(Utf8JsonWriter json, string key)
    {
        json.WriteStartObject();
        json.WriteString("id", key);
        if (lastSeenMs > 0)
        {
            ReadingJson.Time(json, "lastSeen", lastSeenMs);
        }

        json.WriteStartArray("units");
        foreach (Unit unit in units)
        {
            ByteReader reader = new(unit.Tank.Last.Body);
            PlantReading plant = PlantReading.Read(ref reader);
            json.WriteStartObject();
            json.WriteString("unit", unit.Name);
            json.WriteStartObject("last");
            ReadingJson.Head(json, unit.Tank.Last);
            ReadingJson.Tank(json, plant.Tank);
            json.WriteEndObject();
            ReadingJson.Text(json, "substance", unit.Tank.Substance);
            ReadingJson.Bands(json, unit.Tank);
            json.WriteNumber("readings", unit.Tank.Readings);
            json.WriteNumber("late", unit.Tank.Late);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (unitsInRows > 0)
        {
            json.WriteNumber("furtherUnits", unitsInRows);
        }

        ledger.Describe(json);
        life?.Describe(json);
        stops?.Describe(json);
        overloads?.Describe(json);
        waste?.Describe(json);
        VideoWatch.Describe(video, json);
        SceneWatch.Describe(scenes, json);
        OpenWarnings.Describe(warnings, json);
        json.WriteEndObject();
    }
}
