using Streaming.Models.Statistics;

namespace Streaming.Models.Learned;

/// <summary>
/// One tree of an ensemble. Split 0 is the root; a child from 0 on is a split, a negative one is leaf <c>~child</c>. A value up to the threshold goes left. A tree without splits is its only leaf.
/// </summary>
/// <param name="Weight">What the leaf's value counts with.</param>
/// <param name="Feature">Place in the vector, by split.</param>
/// <param name="Threshold">By split.</param>
/// <param name="Left">Left child, by split.</param>
/// <param name="Right">Right child, by split.</param>
/// <param name="Leaf">Values of the leaves, one more than there are splits.</param>
public sealed record DecisionTree(double Weight, IReadOnlyList<int> Feature, IReadOnlyList<float> Threshold, IReadOnlyList<int> Left, IReadOnlyList<int> Right, IReadOnlyList<double> Leaf)
{
    /// <summary>What is wrong with the tree; null where every path ends in a leaf and each part is reached exactly once, so that no input can make scoring run in a circle.</summary>
    /// <param name="features">Length of the vector.</param>
    public string? Problem(int features)
    {
        int splits = Feature.Count;
        if (Threshold.Count != splits || Left.Count != splits || Right.Count != splits || Leaf.Count != splits + 1)
        {
            return $"has {splits} features, {Threshold.Count} thresholds, {Left.Count} left and {Right.Count} right children and {Leaf.Count} leaves; as many of each, and one leaf more, expected";
        }

        bool[] splitReached = new bool[splits];
        bool[] leafReached = new bool[splits + 1];
        Stack<int> ahead = new();
        ahead.Push(splits == 0 ? ~0 : 0);
        int reached = 0;
        while (ahead.TryPop(out int child))
        {
            if (child >= splits || ~child > splits)
            {
                return $"has a child {child}, which is neither one of its {splits} splits nor one of its {splits + 1} leaves";
            }

            if (child < 0 ? leafReached[~child] : splitReached[child])
            {
                return $"reaches {(child < 0 ? $"leaf {~child}" : $"split {child}")} twice: a cycle, or a part of two branches";
            }

            reached++;
            if (child < 0)
            {
                leafReached[~child] = true;
                continue;
            }

            splitReached[child] = true;
            if (Feature[child] < 0 || Feature[child] >= features)
            {
                return $"splits by feature {Feature[child]}, and there are {features}";
            }

            ahead.Push(Right[child]);
            ahead.Push(Left[child]);
        }

        return reached == splits + splits + 1 ? null : "has parts that nothing leads to";
    }
}

/// <summary>
/// An ensemble of decision trees, calibrated after Platt: probability = 1/(1+exp(slope·sum+offset)), the sum being bias plus weight times leaf of every tree. The slope is negative where a greater sum is a greater probability.
/// </summary>
public sealed class TreeScorer : IScorer
{
    public const string AlgorithmName = "trees";

    // All trees in one row of splits and one of leaves, so that scoring walks over arrays alone.
    private readonly Split[] splits;
    private readonly double[] leaves;
    private readonly int[] roots;

    /// <param name="features">Length of the vector.</param>
    /// <param name="trees">Sound ones: see <see cref="DecisionTree.Problem"/>.</param>
    /// <param name="bias">What the sum begins with.</param>
    /// <param name="slope">Platt's slope.</param>
    /// <param name="offset">Platt's offset.</param>
    public TreeScorer(int features, IReadOnlyList<DecisionTree> trees, double bias, double slope, double offset)
    {
        if (trees.Select(tree => tree.Problem(features)).FirstOrDefault(problem => problem is not null) is { } problem)
        {
            throw new ArgumentException($"A tree {problem}.", nameof(trees));
        }

        (Features, Trees, Bias, Slope, Offset) = (features, trees, bias, slope, offset);
        List<Split> allSplits = [];
        List<double> allLeaves = [];
        roots = new int[trees.Count];
        for (int i = 0; i < trees.Count; i++)
        {
            DecisionTree tree = trees[i];
            (int firstSplit, int firstLeaf) = (allSplits.Count, allLeaves.Count);
            int Moved(int child) => child < 0 ? ~(~child + firstLeaf) : child + firstSplit;
            roots[i] = Moved(tree.Feature.Count == 0 ? ~0 : 0);
            for (int split = 0; split < tree.Feature.Count; split++)
            {
                allSplits.Add(new Split(tree.Feature[split], tree.Threshold[split], Moved(tree.Left[split]), Moved(tree.Right[split])));
            }

            allLeaves.AddRange(tree.Leaf.Select(leaf => leaf * tree.Weight));
        }

        splits = [.. allSplits];
        leaves = [.. allLeaves];
    }

    public IReadOnlyList<DecisionTree> Trees { get; }

    public double Bias { get; }

    public double Slope { get; }

    public double Offset { get; }

    public string Algorithm => AlgorithmName;

    public bool IsProbability => true;

    public int Features { get; }

    public double Score(ReadOnlySpan<float> vector)
    {
        double sum = Bias;
        foreach (int root in roots)
        {
            int at = root;
            while (at >= 0)
            {
                ref readonly Split split = ref splits[at];
                at = vector[split.Feature] <= split.Threshold ? split.Left : split.Right;
            }

            sum += leaves[~at];
        }

        return Logistic.Of(-((Slope * sum) + Offset));
    }

    private readonly record struct Split(int Feature, float Threshold, int Left, int Right);
}
