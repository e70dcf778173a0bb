namespace Streaming.Models;

/// <summary>Every bound of the models, in one place.</summary>
public static class ModelLimits
{
    /// <summary>Rows of a table of road limits.</summary>
    public const int RoadLimitRows = 16;

    /// <summary>Entries of a list of a rulebook that says something of single stations.</summary>
    public const int StationRules = 10_000;

    /// <summary>Stations with a range of speeds of their own; they are looked through with every weighing.</summary>
    public const int SpeedStations = 256;

    /// <summary>Bytes of the id of a camera or station that a rule may name.</summary>
    public const int StationIdBytes = 128;

    /// <summary>A speed that a rule may name, km/h.</summary>
    public const int SpeedKmh = 300;

    /// <summary>A ratio of left to right wheels that a rule may name, per mille.</summary>
    public const int LeftRightPermille = 10_000;

    /// <summary>A distance between neighbouring axles that a limit may name, mm.</summary>
    public const int AxleSpacingMm = 20_000;

    /// <summary>A length of a group of axles that a limit may name, inches.</summary>
    public const int AxleGroupIn = 600;

    /// <summary>A length of two tandems that a limit may name, feet.</summary>
    public const int TwoTandemsFt = 200;

    /// <summary>Substances, and tanks, with limits of their own.</summary>
    public const int TankProfiles = 10_000;

    /// <summary>A gross mass that a limit may name, kg. No road vehicle comes near it.</summary>
    public const int GrossKg = 1_000_000;

    /// <summary>A share over the rated load that a rule may name, percent.</summary>
    public const int RatedLoadPct = 1_000;

    /// <summary>A stored mass that is counted as more than this counts as this much, kg. Ten million tonnes: no unit holds as much.</summary>
    public const long StoredKg = 10_000_000_000;

    /// <summary>A floor of the meters' error that a rule may name, kg.</summary>
    public const double MeterFloorKg = 1_000_000;

    /// <summary>A time limit of ledgers that a rule may name, hours: a year.</summary>
    public const double LedgerHours = 366 * 24;

    /// <summary>Newest lines of a substance's ledger that are kept one by one, so that they may come in any order; a row of some 2 KiB.</summary>
    public const int BalanceLines = 96;

    /// <summary>Overloaded trucks that a rule may ask for before it warns where they come from; an enterprise remembers this many.</summary>
    public const int OverloadsCounted = 32;

    /// <summary>Offences of a vehicle that are kept by their times; a rule may not ask for more.</summary>
    public const int OffencesKept = 8;

    /// <summary>Events that a rule may ask for before it believes a camera; a place remembers the times of this many.</summary>
    public const int VideoConfirmations = 8;

    /// <summary>Events that a scene may ask for; a subject remembers the times of this many for each scene.</summary>
    public const int SceneTimes = 12;

    /// <summary>Time within which the events of a scene may be asked for, minutes: a week.</summary>
    public const int SceneMinutes = 7 * 24 * 60;

    /// <summary>Quiet after which a scene may be said to be over, minutes: thirty days.</summary>
    public const int SceneClearMinutes = 30 * 24 * 60;

    /// <summary>Times of a rulebook that are given in seconds: one day.</summary>
    public const int RuleSeconds = 86_400;

    /// <summary>Features of a learned model; a scorer keeps a vector of them on the stack.</summary>
    public const int LearnedFeatures = 64;

    /// <summary>Bytes of a model file.</summary>
    public const int LearnedFileBytes = 8 * 1024 * 1024;

    /// <summary>Trees of a model.</summary>
    public const int LearnedTrees = 1_000;

    /// <summary>Splits of a tree.</summary>
    public const int LearnedSplits = 1_023;

    /// <summary>Size of a parameter, either side of 0.</summary>
    public const double LearnedParameter = 1e9;

    /// <summary>Deviation below which a feature counts as constant.</summary>
    public const double LearnedLeastDeviation = 1e-6;

    /// <summary>The least deviation that training gives a figure, as a share of the figure's range. Not verified.</summary>
    public const double LearnedLeastShareOfRange = 0.005;

    /// <summary>Golden rows of a model file.</summary>
    public const int LearnedGoldenRows = 1_000;

    /// <summary>Characters of a text on a model's card.</summary>
    public const int LearnedTextCharacters = 200;

    /// <summary>Problems of one file that are said; more of them help nobody.</summary>
    public const int LearnedProblems = 20;

    /// <summary>Model files that people may have uploaded at a time. Each version of the rulebook carries them.</summary>
    public const int UploadedModels = 16;

    /// <summary>Bytes of an uploaded model file: five times what a hundred trees take.</summary>
    public const int UploadedModelBytes = 512 * 1024;

    /// <summary>Bytes of all uploaded model files together.</summary>
    public const int UploadedModelsBytes = 2 * 1024 * 1024;

    /// <summary>Judges of a kind that a roll-back can go back through.</summary>
    public const int EarlierJudges = 8;

    /// <summary>Bytes of a line of a training file.</summary>
    public const int TrainingLineBytes = 64 * 1024;

    /// <summary>Rows of one kind that a training takes; a million of them are some 100 MB.</summary>
    public const int TrainingRows = 2_000_000;

    /// <summary>The fewest rows, earlier and later ones together, that a training takes.</summary>
    public const int TrainingLeastRows = 50;

    /// <summary>Farthest apart that two reports of one event may be, m: a cell of the index is larger, so its neighbours hold all of them.</summary>
    public const int MergingRadiusM = 250;

    /// <summary>Longest apart that two reports of one event may be, min: a week.</summary>
    public const int MergingWindowMinutes = 7 * 24 * 60;
}
