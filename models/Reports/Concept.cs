namespace Streaming.Models.Reports;

/// <summary>What part a concept has in telling reports apart.</summary>
public enum ConceptPart : byte
{
    /// <summary>What happens: it names a kind of event.</summary>
    What = 1,

    /// <summary>One of several things that exclude one another: what a stall sells, what burns, what makes the noise.</summary>
    Detail = 2,

    /// <summary>Something near by that people say where they are with.</summary>
    Landmark = 3,

    /// <summary>Anything else that is said of it.</summary>
    Aspect = 4,
}

/// <summary>Something that reports speak of, by its words in both languages.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Part">Its part.</param>
/// <param name="Group">Of a detail: two of one group exclude one another. Of what happens: the kind of event.</param>
/// <param name="Chinese">Words, the blank between them.</param>
/// <param name="English">Words or phrases, the comma between them; stems are compared.</param>
public sealed record Concept(string Id, ConceptPart Part, string Group, string Chinese, string English);
