using Streaming.Grains.Messages;
using Streaming.Models.Ledgers;
using Streaming.Models.Wording;
using static Streaming.Grains.Subjects.MassText;

namespace Streaming.Grains.Subjects;

/// <summary>Puts substances of which the ledger and what is stored differ into the figures and words of a warning.</summary>
internal static class BalanceWarning
{
    public const string Kind = "enterprise-balance";
    private const string Model = "mass-balance/1";

    /// <summary>What is wrong with one substance.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="stock">The substance.</param>
    /// <param name="state">Its balance.</param>
    /// <param name="others">Other substances that are off.</param>
    public static Finding Find(BalanceRules rules, Stock stock, in BalanceState state, IReadOnlyList<Stock> others)
    {
        bool byStockTaking = state.Off is not null;
        bool byTanks = !byStockTaking && !state.IsBelowZero;
        Disagreement off = state.Off ?? new Disagreement(0, byTanks ? stock.TankGrams : 0, state.AgreedGrams, state.Since);
        long allowed = rules.AllowedGrams(stock.Substance, off.Since.Moved);
        long difference = state.IsBelowZero && !byStockTaking ? state.ExpectedGrams : off.DifferenceGrams;
        string prefix = $"{stock.Substance}.";
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            [prefix + "openingKg"] = off.OpeningGrams / 1000.0,
            [prefix + "producedKg"] = off.Since.Produced / 1000.0,
            [prefix + "purchasedKg"] = off.Since.Purchased / 1000.0,
            [prefix + "receivedKg"] = off.Since.Received / 1000.0,
            [prefix + "usedKg"] = off.Since.Used / 1000.0,
            [prefix + "shippedKg"] = off.Since.Shipped / 1000.0,
            [prefix + "disposedKg"] = off.Since.Disposed / 1000.0,
            [prefix + "expectedKg"] = off.ExpectedGrams / 1000.0,
            [prefix + "differenceKg"] = difference / 1000.0,
            [prefix + "allowedKg"] = allowed / 1000.0,
        };
        if (byStockTaking || byTanks)
        {
            figures[prefix + "storedKg"] = off.Grams / 1000.0;
        }

        bool isGrave = (state.IsBelowZero && !byStockTaking) || Math.Abs(difference) > rules.GraveFromTimes * allowed;
        foreach (Stock other in others.Take(GrainLimits.ShipmentsExplained))
        {
            figures[$"{other.Substance}.differenceKg"] = other.DifferenceGrams / 1000.0;
            figures[$"{other.Substance}.allowedKg"] = other.AllowedGrams / 1000.0;
        }

        string limit = $"{stock.Substance}: a difference of at most {Kg(allowed)} kg";
        return new Finding(Kind, isGrave ? 3 : 2, rules.Confidence, Model, Explain(stock, state, off, difference, allowed, others), figures, limit, null);
    }

    private static Explanation Explain(Stock stock, in BalanceState state, in Disagreement off, long difference, long allowed, IReadOnlyList<Stock> others)
    {
        Movements since = off.Since;
        string expected = Kg(off.ExpectedGrams);
        string agreed = FigureText.Time(state.AgreedMs);
        string en = $"{stock.Substance}: agreed stock {Kg(off.OpeningGrams)} kg (taken {agreed})"
            + Term('+', since.Produced, "produced") + Term('+', since.Purchased, "purchased") + Term('+', since.Received, "received")
            + Term('−', since.Used, "used") + Term('−', since.Shipped, "shipped") + Term('−', since.Disposed, "disposed of")
            + $" = {expected} kg by the ledger. ";
        string zh = $"{stock.Substance}：核定库存{Kg(off.OpeningGrams)} kg（盘点于{agreed}）"
            + Term('+', since.Produced, "生产") + Term('+', since.Purchased, "购进") + Term('+', since.Received, "收货")
            + Term('−', since.Used, "使用") + Term('−', since.Shipped, "发货") + Term('−', since.Disposed, "处置")
            + $" = 台账应存{expected} kg。";
        string moved = Kg(since.Moved);
        string amount = Kg(Math.Abs(difference));
        if (state.IsBelowZero && state.Off is null)
        {
            en += $"More left than ever was there, by {amount} kg; the meters' error on {moved} kg moved is {Kg(allowed)} kg.";
            zh += $"出库多于曾有的数量，差{amount} kg；按移动量{moved} kg计的计量误差为{Kg(allowed)} kg。";
        }
        else
        {
            string found = Kg(off.Grams);
            en += state.Off is not null
                ? $"The stock-taking at {FigureText.Time(off.AtMs)} found {found} kg: "
                : $"The {FigureText.Whole(stock.TankCount)} registered tanks have held {found} kg or so since {FigureText.Time(stock.TankOffSinceMs)}: ";
            zh += state.Off is not null ? $"{FigureText.Time(off.AtMs)}盘点实存{found} kg：" : $"自{FigureText.Time(stock.TankOffSinceMs)}起登记的{FigureText.Whole(stock.TankCount)}个储罐实存约{found} kg：";
            en += $"{amount} kg {(difference < 0 ? "are missing" : "are too many")}; the meters' error on {moved} kg moved is {Kg(allowed)} kg.";
            zh += $"{(difference < 0 ? "短少" : "多出")}{amount} kg；按移动量{moved} kg计的计量误差为{Kg(allowed)} kg。";
        }

        if (others.Count > 0)
        {
            en += $" Also off: {string.Join("; ", others.Take(GrainLimits.ShipmentsExplained).Select(other => $"{other.Substance} by {Kg(other.DifferenceGrams)} kg (error {Kg(other.AllowedGrams)} kg)"))}.{MoreEn(others.Count - GrainLimits.ShipmentsExplained)}";
            zh += $"同时不平：{string.Join("；", others.Take(GrainLimits.ShipmentsExplained).Select(other => $"{other.Substance}差{Kg(other.DifferenceGrams)} kg（误差{Kg(other.AllowedGrams)} kg）"))}。{MoreZh(others.Count - GrainLimits.ShipmentsExplained)}";
        }

        return new Explanation(en, zh);
    }

    /// <summary>Why a substance is in order again.</summary>
    public static Explanation Back(Stock stock, in BalanceState state) => new(
        $"Cleared: {stock.Substance} is in balance again, {Kg(stock.IsLedgerKnown ? state.ExpectedGrams : 0)} kg by the ledger, {Kg(stock.TankCount > 0 ? stock.TankGrams : state.StockGrams)} kg stored, within the meters' error of {Kg(state.AllowedGrams)} kg.",
        $"已解除：{stock.Substance}账实相符，台账应存{Kg(stock.IsLedgerKnown ? state.ExpectedGrams : 0)} kg，实存{Kg(stock.TankCount > 0 ? stock.TankGrams : state.StockGrams)} kg，在计量误差{Kg(state.AllowedGrams)} kg之内。");
}
