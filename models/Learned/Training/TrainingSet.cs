using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Streaming.Models.Learned.Training;

/// <summary>One labelled vector.</summary>
/// <param name="AtMs">Time of the reading, ms since 1970.</param>
/// <param name="Source">Station that it came from.</param>
/// <param name="Vector">As long as its feature set.</param>
/// <param name="Label">What was found.</param>
public sealed record TrainingRow(long AtMs, string Source, float[] Vector, bool Label);

/// <summary>The rows of one kind, in the order of their times; the order that they were read in makes no difference.</summary>
public sealed class TrainingSet
{
    public TrainingSet(FeatureSet features, IEnumerable<TrainingRow> rows)
    {
        Features = features;
        TrainingRow[] ordered = [.. rows];
        Array.Sort(ordered, Compare);
        Rows = ordered;
    }

    public FeatureSet Features { get; }

    public IReadOnlyList<TrainingRow> Rows { get; }

    public int Positives => Rows.Count(row => row.Label);

    /// <summary>SHA-256, in hexadecimal digits, of every row: time, source with its length, figures, label; numbers little endian.</summary>
    public string Sha256()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        foreach (TrainingRow row in Rows)
        {
            byte[] source = System.Text.Encoding.UTF8.GetBytes(row.Source);
            BinaryPrimitives.WriteInt64LittleEndian(number, row.AtMs);
            hash.AppendData(number);
            BinaryPrimitives.WriteInt64LittleEndian(number, source.Length);
            hash.AppendData(number);
            hash.AppendData(source);
            foreach (float value in row.Vector)
            {
                BinaryPrimitives.WriteSingleLittleEndian(number, value);
                hash.AppendData(number[..4]);
            }

            hash.AppendData([row.Label ? (byte)1 : (byte)0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// Cuts the rows in two by time: what was known earlier, to train on, and what came later, to compare on. Drawing rows at random instead would let a model look at its own future. Rows of one time stay together, so the
    /// later part may be smaller, or empty.
    /// </summary>
    /// <param name="laterShare">Share of the later rows, between 0 and 1.</param>
    public (TrainingSet Earlier, TrainingSet Later) Split(double laterShare)
    {
        int cut = (int)Math.Ceiling(Rows.Count * (1 - laterShare));
        while (cut > 0 && cut < Rows.Count && Rows[cut].AtMs == Rows[cut - 1].AtMs)
        {
            cut++;
        }

        return (new TrainingSet(Features, Rows.Take(cut)), new TrainingSet(Features, Rows.Skip(cut)));
    }

    /// <summary>What a card says of these rows.</summary>
    public CardRows OnCard() => Rows.Count == 0 ? default : new CardRows(Rows.Count, Positives, Rows[0].AtMs, Rows[^1].AtMs);

    private static int Compare(TrainingRow left, TrainingRow right)
    {
        int order = left.AtMs.CompareTo(right.AtMs);
        order = order != 0 ? order : string.CompareOrdinal(left.Source, right.Source);
        order = order != 0 ? order : left.Vector.AsSpan().SequenceCompareTo(right.Vector);
        return order != 0 ? order : left.Label.CompareTo(right.Label);
    }
}
