using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;
using Streaming.Models.Ledgers;
using Streaming.Models.Limits;
using Streaming.Models.Readings;
using Streaming.Models.Registers;

namespace Streaming.Grains.Subjects;

/// <summary>
/// The substances of an enterprise from where they come in to where they go: what is registered, what is stored by tanks and by ledger, whether the two agree, whether permits cover it, how great a hazard it is. There is none for an enterprise
/// of which only tanks without masses are heard. A reading that moves no mass costs nothing; what is stored is looked at once in <see cref="MajorHazardRules.JudgeEveryS"/> and with every line of the ledger.
/// </summary>
internal sealed class SubstanceLife
{
    /// <summary>Name of the reminder at which ledgers that are off are said to be.</summary>
    public const string Reminder = "balances";

    /// <summary>Name of the reminder of the next moment at which a permit runs out, or is soon to.</summary>
    public const string PermitReminder = "permits";

    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    /// <summary>By substance, ordinal of their UTF-8.</summary>
    private readonly List<Stock> stocks = [];

    /// <summary>When what is stored was looked at, ms of turn time, and the newest time of any reading or line.</summary>
    private long lookedMs;
    private long newestMs;

    /// <summary>When the reminder of permits is due, ms; 0 where none is.</summary>
    private long permitDueMs;

    public EnterpriseRegistration? Registration { get; private set; }

    public Shipments? Shipments { get; set; }

    public Receipts? Receipts { get; set; }

    /// <summary>True where nothing is left to be kept.</summary>
    public bool IsEmpty => Registration is null && stocks.Count == 0 && Shipments is null && Receipts is null;

    /// <summary>An entry of a register has changed. What it puts in order is cleared; what it puts out of order opens with the next reading or line, as nobody was warned before.</summary>
    public void Learn(scoped in Turn turn, EntryChanged changed, OpenWarnings? warnings)
    {
        List<string> substances = [];
        Registration = EnterpriseRegistration.With(Registration, changed, turn.Rows, substances);
        Explanation why = new($" Judged anew, since {changed.By} changed the entry {RegisterSchema.Of(changed.Register).Name}/{changed.Key}.", $"因{changed.By}变更登记{RegisterSchema.Of(changed.Register).Name}/{changed.Key}而重新判定。");
        foreach (Stock stock in stocks)
        {
            if (substances.Contains(stock.Substance))
            {
                stock.RegisteredTanks = EnterpriseRegistration.TanksAt(Registration, turn.Rows, stock.Substance, turn.NowMs);
            }
        }

        if (changed.Register == Register.SubstancePermits)
        {
            RemindPermits(turn);
        }

        if (warnings is null)
        {
            return;
        }

        foreach (Stock stock in stocks)
        {
            // The last permit that goes takes the ground from all warnings by permits.
            if (changed.Register == Register.SubstancePermits && (substances.Contains(stock.Substance) || Registration is not { Permits: > 0 }))
            {
                JudgePermit(turn, stock, Math.Max(newestMs, stock.LackMs), opens: false);
                Settle(turn, turn.NowMs, stock, why, warnings);
            }
        }

        if (changed.Register == Register.Enterprises && !IsHazard(turn.Rules.MajorHazards, Math.Max(newestMs, turn.NowMs), wasWarned: true, out _, out HazardGrade grade))
        {
            Explanation back = StorageWarning.HazardBack(grade);
            warnings.Clear(turn, ActorKind.Enterprise, StorageWarning.HazardKind, turn.NowMs, new Explanation(back.En + why.En, back.Zh + why.Zh));
        }
    }

    /// <summary>What a tank holds has changed. Returns what is counted of it, grams; -1 where nothing is.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="before">The substance that it held before.</param>
    /// <param name="counted">What was counted of that, grams; -1 where nothing was.</param>
    /// <param name="now">The substance that it holds.</param>
    /// <param name="grams">How much of it; -1 where that is not known.</param>
    public long Move(scoped in Turn turn, ReadOnlySpan<byte> before, long counted, ReadOnlySpan<byte> now, long grams)
    {
        if (counted >= 0 && Find(before) is { } left)
        {
            left.TankGrams -= counted;
            left.TankCount--;
        }

        if (grams < 0 || now.IsEmpty || FindOrAdd(turn, now) is not { } stock)
        {
            return -1;
        }

        stock.TankGrams += grams;
        stock.TankCount++;
        return grams;
    }

    /// <summary>A tank was heard of: what is stored is looked at, where it is time.</summary>
    public void Look(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings)
    {
        newestMs = Math.Max(newestMs, message.Header.AtMs);
        if (turn.NowMs - lookedMs < turn.Rules.MajorHazards.JudgeEveryS * 1000L)
        {
            return;
        }

        lookedMs = turn.NowMs;
        foreach (Stock stock in stocks)
        {
            JudgeTanks(turn, message, stock, ref warnings);
        }

        LookAtStorage(turn, message, ref warnings);
    }

    /// <summary>A line of the ledger was taken in.</summary>
    public void Enter(scoped in Turn turn, scoped in Message message, scoped in LedgerReading line, ref OpenWarnings? warnings)
    {
        newestMs = Math.Max(newestMs, message.Header.AtMs);
        string substance = System.Text.Encoding.UTF8.GetString(line.Substance);
        Stock? stock = FindOrAdd(turn, line.Substance);
        MassBalance balance = BalanceOf(turn.Rows, substance);
        balance.Add(new BalanceLine(message.Header.AtMs, message.Header.IdHash, line.Action, line.MassGrams), turn.Rules.Balances, substance);
        Put(turn.Rows, substance, balance);
        if (stock is null)
        {
            return;
        }

        JudgeBook(turn, message, stock, balance.Judge(turn.Rules.Balances, substance), ref warnings);
        if (EnterpriseRegistration.PermitAt(Registration, turn.Rows, substance, message.Header.AtMs) is { Standing: > PermitStanding.Valid } answer && message.Header.AtMs >= stock.LackMs)
        {
            bool isNew = answer.Standing == PermitStanding.Expired ? stock.Lack != PermitStanding.Expired : !stock.IsUnpermitted;
            Lack(stock, answer, message.Header.AtMs, moved: true);
            string kind = answer.Standing == PermitStanding.Expired ? StorageWarning.ExpiryKind : StorageWarning.LackKind;
            if (!RaiseLack(turn, message, kind, isNew, ref warnings))
            {
                warnings!.Count(kind, message.Header.AtMs);
            }
        }
        else if (stock.EndsMs == 0 && Registration is { Permits: > 0 } && turn.NowMs - message.Header.AtMs < Day && Ending(turn, stock, newestMs, isMoved: true) is var endsMs and not 0)
        {
            stock.EndsMs = endsMs;
            RaiseLack(turn, message, StorageWarning.ExpiryKind, isNew: true, ref warnings);
        }

        LookAtStorage(turn, message, ref warnings);
    }

    /// <summary>A case is closed: whoever looked into it has settled what its warning was about, so that it begins anew.</summary>
    public void Close(scoped in Turn turn, CaseClosed closed)
    {
        foreach (Stock stock in stocks)
        {
            switch (closed.Kind)
            {
                case BalanceWarning.Kind when stock.IsOff:
                    Agree(turn, stock);
                    break;
                case StorageWarning.OverKind:
                    stock.OverPermitGrams = -1;
                    break;
                case StorageWarning.LackKind when stock.IsUnpermitted:
                    stock.Lack = PermitStanding.NotSaid;
                    stock.IsLackMoved = false;
                    break;
                case StorageWarning.ExpiryKind when stock.IsExpiring:
                    stock.SettledEndMs = stock.EndsMs != 0 ? stock.EndsMs : stock.SettledEndMs;
                    stock.EndsMs = 0;
                    stock.IsLackMoved &= stock.Lack != PermitStanding.Expired;
                    stock.Lack = stock.Lack == PermitStanding.Expired ? PermitStanding.NotSaid : stock.Lack;
                    break;
            }
        }

        Shipments?.Close(closed.Kind);
    }

    /// <summary>The permit for a substance at a time, as another enterprise is told.</summary>
    public static PermitAnswer PermitAt(SubstanceLife? life, IActorRows rows, string substance, long ms) => EnterpriseRegistration.PermitAt(life?.Registration, rows, substance, ms);

    private void JudgeBook(scoped in Turn turn, scoped in Message message, Stock stock, in BalanceState state, ref OpenWarnings? warnings)
    {
        bool wasOff = stock.IsOff;
        bool wasBookOff = stock.IsBookOff;
        stock.IsLedgerKnown = state.HasOpening;
        stock.LedgerGrams = state.StockGrams;
        stock.ExpectedGrams = state.ExpectedGrams;
        stock.AllowedGrams = state.AllowedGrams;
        bool isOff = state.Off is not null || state.IsBelowZero;
        if (isOff && !wasBookOff && IsPending(turn, message, stock))
        {
            return;
        }

        stock.IsBookOff = isOff;
        stock.Pending = null;
        if (stock.IsBookOff)
        {
            Finding finding = BalanceWarning.Find(turn.Rules.Balances, stock, state, Others(stock));
            TakeDifference(turn, stock, state);
            RaisePaced(turn, message, finding, !wasBookOff, turn.Rules.Balances.UpdateEveryS, ref warnings);
            return;
        }

        // A stock-taking that agrees is the word of people who looked: what the tanks were off by before it is over.
        if (wasBookOff || message.Body[0] == (byte)LedgerAction.Store)
        {
            stock.IsTankOff = false;
            stock.TankOffSinceMs = 0;
        }

        if (wasOff && !stock.IsOff && !stocks.Exists(other => other.IsOff))
        {
            warnings?.Clear(turn, ActorKind.Enterprise, BalanceWarning.Kind, message.Header.AtMs, BalanceWarning.Back(stock, state));
        }
    }

    /// <summary>True while a ledger that is off has time for lines that are still to come: they are written after the fact, and a stock-taking does not wait for them.</summary>
    private bool IsPending(scoped in Turn turn, scoped in Message message, Stock stock)
    {
        long graceMs = (long)(turn.Rules.Balances.GraceHours * Hour);
        if (stock.Pending is null && graceMs > 0)
        {
            stock.Pending = new PendingBook(
                turn.NowMs,
                turn.NowMs + graceMs,
                System.Text.Encoding.UTF8.GetString(message.Origin.Source),
                System.Text.Encoding.UTF8.GetString(message.Header.Id),
                message.Header.AtMs,
                System.Text.Encoding.UTF8.GetString(message.Origin.District));
            RemindNext(turn);
        }

        return stock.Pending is { } pending && turn.NowMs < pending.DueMs;
    }

    /// <summary>The time of ledgers that were off is over: those that still are, are said to be.</summary>
    public void Due(scoped in Turn turn, ref OpenWarnings? warnings)
    {
        foreach (Stock stock in stocks)
        {
            if (stock.Pending is not { } pending || pending.DueMs > turn.NowMs)
            {
                continue;
            }

            stock.Pending = null;
            BalanceState state = BalanceOf(turn.Rows, stock.Substance).Judge(turn.Rules.Balances, stock.Substance);
            if (state.Off is null && !state.IsBelowZero)
            {
                continue;
            }

            stock.IsBookOff = true;
            Finding finding = BalanceWarning.Find(turn.Rules.Balances, stock, state, Others(stock));
            TakeDifference(turn, stock, state);
            CitedReading cited = new(pending.Source, pending.Id, DateTimeOffset.FromUnixTimeMilliseconds(pending.AtMs));
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Enterprise, cited, pending.District, pending.AtMs, finding, heardMs: pending.SinceMs);
        }

        RemindNext(turn);
    }

    private void RemindNext(scoped in Turn turn)
    {
        long? dueMs = null;
        foreach (Stock stock in stocks)
        {
            dueMs = stock.Pending is { } pending && (dueMs is null || pending.DueMs < dueMs) ? pending.DueMs : dueMs;
        }

        if (dueMs is { } next)
        {
            turn.Effects.RemindAt(Reminder, next);
        }
    }

    private static void TakeDifference(scoped in Turn turn, Stock stock, in BalanceState state)
    {
        stock.DifferenceGrams = state.Off?.DifferenceGrams ?? state.ExpectedGrams;
        stock.AllowedGrams = state.Off is { } off ? turn.Rules.Balances.AllowedGrams(stock.Substance, off.Since.Moved) : state.AllowedGrams;
    }

    /// <summary>The tanks against the ledger: only where all that are registered report, and only what lasts.</summary>
    private void JudgeTanks(scoped in Turn turn, scoped in Message message, Stock stock, ref OpenWarnings? warnings)
    {
        BalanceRules rules = turn.Rules.Balances;
        if (!stock.AreTanksComparable || stock.IsBookOff)
        {
            return;
        }

        long difference = stock.TankGrams - stock.ExpectedGrams;
        long size = Math.Abs(difference);
        if (size > stock.AllowedGrams)
        {
            stock.TankOffSinceMs = stock.TankOffSinceMs == 0 ? message.Header.AtMs : stock.TankOffSinceMs;
            if (message.Header.AtMs - stock.TankOffSinceMs >= (long)(rules.TankHours * Hour))
            {
                bool isNew = !stock.IsTankOff;
                stock.IsTankOff = true;
                stock.DifferenceGrams = difference;
                if (isNew || (warnings ??= new OpenWarnings()).IsDue(BalanceWarning.Kind, turn.NowMs, rules.UpdateEveryS))
                {
                    Finding finding = BalanceWarning.Find(rules, stock, BalanceOf(turn.Rows, stock.Substance).Judge(rules, stock.Substance), Others(stock));
                    RaisePaced(turn, message, finding, isNew, rules.UpdateEveryS, ref warnings);
                }
            }

            return;
        }

        if (stock.IsTankOff && size > stock.AllowedGrams * (decimal)rules.AgreePct / 100)
        {
            return;
        }

        bool wasOff = stock.IsTankOff;
        stock.IsTankOff = false;
        stock.TankOffSinceMs = 0;
        if (wasOff && !stocks.Exists(other => other.IsOff))
        {
            warnings?.Clear(turn, ActorKind.Enterprise, BalanceWarning.Kind, message.Header.AtMs, BalanceWarning.Back(stock, BalanceOf(turn.Rows, stock.Substance).Judge(rules, stock.Substance)));
        }
    }

    /// <summary>The stock that there is holds as agreed.</summary>
    private static void Agree(scoped in Turn turn, Stock stock)
    {
        BalanceRules rules = turn.Rules.Balances;
        MassBalance balance = BalanceOf(turn.Rows, stock.Substance);
        BalanceState state = balance.Judge(rules, stock.Substance);
        if (stock.IsTankOff)
        {
            balance.Agree(Math.Max(turn.NowMs, balance.NewestMs), stock.TankGrams);
        }
        else if (state.Off is { } off)
        {
            balance.Agree(off.AtMs, off.Grams);
        }
        else
        {
            balance.Agree(balance.NewestMs, 0);
        }

        state = balance.Judge(rules, stock.Substance);
        Put(turn.Rows, stock.Substance, balance);
        (stock.LedgerGrams, stock.ExpectedGrams, stock.AllowedGrams) = (state.StockGrams, state.ExpectedGrams, state.AllowedGrams);
        (stock.IsBookOff, stock.Pending, stock.IsTankOff, stock.TankOffSinceMs) = (false, null, false, 0);
    }

    private void LookAtStorage(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings)
    {
        if (Registration is { Permits: > 0 })
        {
            bool anyOver = false, newlyOver = false, anyLacks = false, newlyLacks = false, anyEnds = false, newlyEnds = false;
            foreach (Stock stock in stocks)
            {
                (bool wasOver, bool lacked, bool hadEnded, bool ended) = (stock.IsOverPermit, stock.IsUnpermitted, stock.Lack == PermitStanding.Expired, stock.IsExpiring);
                JudgePermit(turn, stock, newestMs, opens: true);
                anyOver |= stock.IsOverPermit;
                newlyOver |= stock.IsOverPermit && !wasOver;
                anyLacks |= stock.IsUnpermitted && !stock.IsLackMoved;
                newlyLacks |= stock.IsUnpermitted && !lacked;
                anyEnds |= stock.IsExpiring && !stock.IsLackMoved;
                newlyEnds |= (stock.IsExpiring && !ended) || (stock.Lack == PermitStanding.Expired && !hadEnded);
                if ((wasOver && !stock.IsOverPermit) || (lacked && !stock.IsUnpermitted) || (ended && !stock.IsExpiring))
                {
                    Settle(turn, message.Header.AtMs, stock, new Explanation("", ""), warnings);
                }
            }

            SubstancePermitRules rules = turn.Rules.SubstancePermits;
            if (anyOver && IsNewOrDue(turn, StorageWarning.OverKind, newlyOver, rules.UpdateEveryS, ref warnings))
            {
                warnings!.Raise(turn, ActorKind.Enterprise, message, default, StorageWarning.Over(rules, stocks.FindAll(stock => stock.IsOverPermit)));
            }

            if (anyLacks)
            {
                RaiseLack(turn, message, StorageWarning.LackKind, newlyLacks, ref warnings);
            }

            if (anyEnds)
            {
                RaiseLack(turn, message, StorageWarning.ExpiryKind, newlyEnds, ref warnings);
            }

            RemindPermits(turn);
        }

        JudgeHazard(turn, message, ref warnings);
    }

    /// <summary>Moves what is known of a substance's permit.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="stock">The substance.</param>
    /// <param name="ms">The time that what is stored is judged at.</param>
    /// <param name="opens">False where only what is in order again is to be found.</param>
    private void JudgePermit(scoped in Turn turn, Stock stock, long ms, bool opens)
    {
        PermitAnswer answer = EnterpriseRegistration.PermitAt(Registration, turn.Rows, stock.Substance, ms);
        bool hasLimit = answer is { Standing: PermitStanding.Valid, StorageGrams: >= 0 };
        bool over = hasLimit && turn.Rules.SubstancePermits.IsOver(stock.Grams, answer.StorageGrams, stock.IsOverPermit);
        stock.OverPermitGrams = over && (opens || stock.IsOverPermit) ? answer.StorageGrams : -1;
        bool missing = answer.Standing > PermitStanding.Valid;
        long endsMs = answer.Standing == PermitStanding.Valid ? Ending(turn, stock, ms, isMoved: stock.EndsMs != 0) : 0;
        stock.EndsMs = opens || stock.EndsMs != 0 ? endsMs : 0;
        if (stock.IsLackMoved)
        {
            PermitAnswer then = EnterpriseRegistration.PermitAt(Registration, turn.Rows, stock.Substance, stock.LackMs);
            if (then.Standing > PermitStanding.Valid)
            {
                return;
            }

            stock.IsLackMoved = false;
            stock.Lack = PermitStanding.NotSaid;
        }

        if (missing && stock.Grams > 0 && (opens || stock.Lacks))
        {
            Lack(stock, answer, ms, moved: false);
        }
        else if (stock.Lacks)
        {
            stock.Lack = PermitStanding.NotSaid;
        }
    }

    private static void Lack(Stock stock, in PermitAnswer answer, long ms, bool moved)
    {
        (stock.Lack, stock.LackMs) = (answer.Standing, ms);
        stock.IsLackMoved |= moved;
    }

    /// <summary>When the permits for what is stored or moved end, ms, where that is to come and soon after a time at which one is valid; 0 where it is not, or the case about it was closed. What neither is stored nor was moved needs no permit.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="stock">The substance.</param>
    /// <param name="ms">The time.</param>
    /// <param name="isMoved">It was moved under them; that counts where nobody says what is stored.</param>
    private static long Ending(scoped in Turn turn, Stock stock, long ms, bool isMoved)
    {
        if (stock.Grams == 0 && (!isMoved || stock.TankCount > 0 || stock.IsLedgerKnown))
        {
            return 0;
        }

        long endMs = EnterpriseRegistration.CoveredUntil(turn.Rows, stock.Substance, ms).EndMs;
        return endMs != RegisterStatement.Open && endMs > turn.NowMs && endMs != stock.SettledEndMs && endMs - ms <= turn.Rules.Enterprises.PermitExpiry.WithinDays * Day ? endMs : 0;
    }

    /// <summary>A permit runs out, or is soon to: without a reading nobody would look.</summary>
    public void PermitsDue(scoped in Turn turn, string district, ref OpenWarnings? warnings)
    {
        permitDueMs = 0;
        newestMs = Math.Max(newestMs, turn.NowMs);
        bool isNew = false;
        foreach (Stock stock in stocks)
        {
            (bool lacked, PermitStanding before, long endedMs, bool ended) = (stock.IsUnpermitted, stock.Lack, stock.EndsMs, stock.IsExpiring);
            JudgePermit(turn, stock, newestMs, opens: true);
            isNew |= stock.IsExpiring && (stock.Lack != before || stock.EndsMs != endedMs);
            if ((ended && !stock.IsExpiring) || (lacked && !stock.IsUnpermitted))
            {
                Settle(turn, turn.NowMs, stock, new Explanation("", ""), warnings);
            }
        }

        if (isNew)
        {
            warnings ??= new OpenWarnings();
            warnings.Raise(turn, ActorKind.Enterprise, null, district, turn.NowMs, FindLack(turn, StorageWarning.ExpiryKind));
        }

        RemindPermits(turn);
    }

    private void RemindPermits(scoped in Turn turn)
    {
        long next = 0;
        long aheadMs = turn.Rules.Enterprises.PermitExpiry.WithinDays * Day;
        foreach (Stock stock in stocks)
        {
            if ((stock.Grams == 0 && stock.EndsMs == 0) || EnterpriseRegistration.PermitAt(Registration, turn.Rows, stock.Substance, turn.NowMs).Standing != PermitStanding.Valid)
            {
                continue;
            }

            long endMs = EnterpriseRegistration.CoveredUntil(turn.Rows, stock.Substance, turn.NowMs).EndMs;
            long lookMs = endMs == RegisterStatement.Open ? 0 : endMs - aheadMs > turn.NowMs ? endMs - aheadMs : endMs;
            next = lookMs != 0 && (next == 0 || lookMs < next) ? lookMs : next;
        }

        turn.Effects.RemindNext(PermitReminder, ref permitDueMs, next);
    }

    private bool RaiseLack(scoped in Turn turn, scoped in Message message, string kind, bool isNew, ref OpenWarnings? warnings)
    {
        bool tells = IsNewOrDue(turn, kind, isNew, turn.Rules.SubstancePermits.UpdateEveryS, ref warnings);
        if (tells)
        {
            warnings!.Raise(turn, ActorKind.Enterprise, message, default, FindLack(turn, kind));
        }

        return tells;
    }

    private Finding FindLack(scoped in Turn turn, string kind)
    {
        bool expiry = kind == StorageWarning.ExpiryKind;
        List<Stock> lacking = stocks.FindAll(stock => expiry ? stock.IsExpiring : stock.IsUnpermitted);
        List<(Stock Stock, PermitAnswer Permit)> named = [];
        foreach (Stock stock in lacking.Take(GrainLimits.ShipmentsExplained))
        {
            if (stock.Lacks)
            {
                named.Add((stock, EnterpriseRegistration.PermitAt(Registration, turn.Rows, stock.Substance, stock.LackMs)));
            }
            else
            {
                (string number, long endMs) = EnterpriseRegistration.CoveredUntil(turn.Rows, stock.Substance, Math.Min(newestMs, stock.EndsMs - 1));
                named.Add((stock, new PermitAnswer(PermitStanding.Valid, number, endMs, -1)));
            }
        }

        int more = lacking.Count - named.Count;
        return expiry
            ? StorageWarning.Expiry(turn.Rules.SubstancePermits, turn.Rules.Enterprises.PermitExpiry, named, more, newestMs)
            : StorageWarning.Lack(turn.Rules.SubstancePermits, named, more);
    }

    /// <summary>A substance came into order: the warning ends with the last of them.</summary>
    private void Settle(scoped in Turn turn, long atMs, Stock stock, Explanation why, OpenWarnings? warnings)
    {
        if (!stocks.Exists(other => other.IsOverPermit))
        {
            Explanation back = StorageWarning.OverBack(stock);
            warnings?.Clear(turn, ActorKind.Enterprise, StorageWarning.OverKind, atMs, new Explanation(back.En + why.En, back.Zh + why.Zh));
        }

        Explanation hasOne = StorageWarning.LackBack(stock);
        if (!stocks.Exists(other => other.IsUnpermitted))
        {
            warnings?.Clear(turn, ActorKind.Enterprise, StorageWarning.LackKind, atMs, new Explanation(hasOne.En + why.En, hasOne.Zh + why.Zh));
        }

        if (!stocks.Exists(other => other.IsExpiring))
        {
            warnings?.Clear(turn, ActorKind.Enterprise, StorageWarning.ExpiryKind, atMs, new Explanation(hasOne.En + why.En, hasOne.Zh + why.Zh));
        }
    }

    /// <summary>What is stored, as a hazard.</summary>
    private void JudgeHazard(scoped in Turn turn, scoped in Message message, ref OpenWarnings? warnings)
    {
        bool wasWarned = warnings?.Find(StorageWarning.HazardKind) is not null;
        MajorHazardRules rules = turn.Rules.MajorHazards;
        if (IsHazard(rules, newestMs, wasWarned, out SiteSpan site, out HazardGrade grade))
        {
            if (IsNewOrDue(turn, StorageWarning.HazardKind, !wasWarned, rules.UpdateEveryS, ref warnings))
            {
                warnings!.Raise(turn, ActorKind.Enterprise, message, default, StorageWarning.Hazard(rules, grade, site.People, Declared(site), stocks));
            }
        }
        else if (wasWarned)
        {
            warnings!.Clear(turn, ActorKind.Enterprise, StorageWarning.HazardKind, message.Header.AtMs, StorageWarning.HazardBack(grade));
        }
    }

    /// <summary>True where the grade is to be warned of. Where the register does not say how many people live there nothing is concluded: to take the gravest would be to accuse by assumption.</summary>
    private bool IsHazard(MajorHazardRules rules, long ms, bool wasWarned, out SiteSpan site, out HazardGrade grade)
    {
        site = Registration?.SiteAt(ms) ?? new SiteSpan(0, 0, -1, -1);
        grade = site.People >= 0 ? Grade(rules, site.People) : default;
        return site.People >= 0 && rules.IsWarned(grade, Declared(site), wasWarned);
    }

    private static int? Declared(SiteSpan site) => site.HazardLevel >= 0 ? site.HazardLevel : null;

    private HazardGrade Grade(MajorHazardRules rules, int people)
    {
        StoredMass[] stored = new StoredMass[stocks.Count];
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] = new StoredMass(stocks[i].Substance, stocks[i].Grams / 1000);
        }

        return rules.Grade(stored, people);
    }

    private List<Stock> Others(Stock stock) => stocks.FindAll(other => other != stock && other.IsOff);

    private static void RaisePaced(scoped in Turn turn, scoped in Message message, Finding finding, bool isNew, int everyS, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        if (warnings.IsToTell(finding.Kind, isNew, turn.NowMs, everyS, message.Header.AtMs))
        {
            warnings.Raise(turn, ActorKind.Enterprise, message, default, finding);
        }
    }

    /// <summary>True where a finding is to be told: it is new, no warning is open, or what was told last is old enough. What many substances say together is not counted by the reading.</summary>
    private static bool IsNewOrDue(scoped in Turn turn, string kind, bool isNew, int everyS, ref OpenWarnings? warnings)
    {
        warnings ??= new OpenWarnings();
        return isNew || warnings.IsDue(kind, turn.NowMs, everyS);
    }

    private Stock? Find(ReadOnlySpan<byte> substance)
    {
        int place = Place(substance);
        return place >= 0 ? stocks[place] : null;
    }

    private Stock? FindOrAdd(scoped in Turn turn, ReadOnlySpan<byte> substance)
    {
        int place = Place(substance);
        if (place >= 0)
        {
            return stocks[place];
        }

        if (stocks.Count == GrainLimits.SubstancesWatched)
        {
            return null;
        }

        Stock added = new(substance.ToArray());
        added.RegisteredTanks = EnterpriseRegistration.TanksAt(Registration, turn.Rows, added.Substance, turn.NowMs);
        stocks.Insert(~place, added);
        return added;
    }

    private int Place(ReadOnlySpan<byte> substance)
    {
        for (int i = 0; i < stocks.Count; i++)
        {
            int order = stocks[i].Utf8.AsSpan().SequenceCompareTo(substance);
            if (order >= 0)
            {
                return order == 0 ? i : ~i;
            }
        }

        return ~stocks.Count;
    }

    private static MassBalance BalanceOf(IActorRows rows, string substance)
    {
        if (rows.Find($"balance/{substance}") is not { } row)
        {
            return new MassBalance();
        }

        ByteReader reader = new(row);
        return MassBalance.Read(ref reader);
    }

    private static void Put(IActorRows rows, string substance, MassBalance balance)
    {
        ByteWriter writer = new(512);
        balance.Write(writer);
        rows.Put($"balance/{substance}", writer.Written.ToArray());
    }

    public static void Write(SubstanceLife? life, ByteWriter writer)
    {
        writer.WriteBool(life is not null);
        if (life is null)
        {
            return;
        }

        EnterpriseRegistration.Write(life.Registration, writer);
        writer.WriteSigned(life.lookedMs);
        writer.WriteSigned(life.newestMs);
        writer.WriteVar((uint)life.stocks.Count);
        foreach (Stock stock in life.stocks)
        {
            stock.Write(writer);
        }

        Shipments.Write(life.Shipments, writer);
        Receipts.Write(life.Receipts, writer);
    }

    public static SubstanceLife? Read(scoped ref ByteReader reader)
    {
        if (!reader.ReadBool())
        {
            return null;
        }

        SubstanceLife read = new() { Registration = EnterpriseRegistration.Read(ref reader), lookedMs = reader.ReadSigned(), newestMs = reader.ReadSigned() };
        for (int left = (int)reader.ReadVar(); left > 0; left--)
        {
            read.stocks.Add(Stock.Read(ref reader));
        }

        read.Shipments = Shipments.Read(ref reader);
        read.Receipts = Receipts.Read(ref reader);
        return read;
    }

    /// <summary>What an enterprise keeps of it behind all else: states of before have none.</summary>
    public static void WriteReminder(SubstanceLife? life, ByteWriter writer)
    {
        if (life is not null)
        {
            writer.WriteSigned(life.permitDueMs);
        }
    }

    public static void ReadReminder(SubstanceLife? life, scoped ref ByteReader reader)
    {
        if (life is not null)
        {
            life.permitDueMs = reader.ReadSigned();
        }
    }

    /// <summary>What is stored is shown where the register or a stock-taking gives it a meaning.</summary>
    public void Describe(Utf8JsonWriter json)
    {
        Registration?.Describe(json);
        if (Registration is not null)
        {
            json.WriteStartObject("stored");
            foreach (Stock stock in stocks)
            {
                json.WriteStartObject(stock.Utf8);
                if (stock.TankCount > 0)
                {
                    json.WriteNumber("tanksG", stock.TankGrams);
                    json.WriteNumber("tanks", stock.TankCount);
                }

                if (stock.IsLedgerKnown)
                {
                    json.WriteNumber("ledgerG", stock.LedgerGrams);
                    json.WriteNumber("expectedG", stock.ExpectedGrams);
                }

                if (stock.IsOff)
                {
                    json.WriteNumber("differenceG", stock.DifferenceGrams);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        Shipments?.Describe(json);
    }
}
