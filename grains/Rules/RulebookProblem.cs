namespace Streaming.Grains.Rules;

/// <summary>Something wrong in a rulebook: where, what was found, what was expected, and what to do.</summary>
/// <param name="File">File, as <c>routing.json</c>.</param>
/// <param name="Path">Place in it, as <c>$.rules[2].lead</c>.</param>
public sealed record RulebookProblem(string File, string Path, string Found, string Expected, string Advice)
{
    public override string ToString() => $"{File} {Path}: found {Found}; expected {Expected}. {Advice}";
}
