using Streaming.Ingest.Formats;
using Streaming.Silo.Bench;
using Streaming.Silo.Bench.Quality;
using Streaming.Silo.Bench.Reports;
using Streaming.Silo.Cli;
using Streaming.Silo.Training;

namespace Streaming.Silo.Hosting;

/// <summary>Where the process begins: the verbs get what they do.</summary>
internal static class Entry
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        Verbs verbs = new()
        {
            Up = Up.RunAsync,
            Bench = (options, cancellation) => options.Name switch
            {
                "fanin" => FanInBench.RunAsync(options, Console.Out, cancellation),
                "latency" => LatencyBench.RunAsync(options, Console.Out, cancellation),
                "query" => QueryBench.RunAsync(options, Console.Out, cancellation),
                "recovery" => RecoveryBench.RunAsync(options, Console.Out, cancellation),
                "registers" => RegistersBench.RunAsync(options, Console.Out, cancellation),
                "turn" => TurnBench.RunAsync(options, Console.Out, cancellation),
                "memory" => MemoryBench.RunAsync(options, Console.Out, cancellation),
                "quality" => QualityBench.RunAsync(options, Console.Out, cancellation),
                "lists" => ListsBench.RunAsync(options, Console.Out, cancellation),
                "reports" => ReportsBench.RunAsync(options, Console.Out, cancellation),
                "soak" => SoakBench.RunAsync(options, Console.Out, cancellation),
#if ORLEANS
                "grains" => Orleans.GrainBench.RunAsync(options, Console.Out, cancellation),
#endif
                _ => IngestBench.RunAsync(options, Console.Out, cancellation),
            },
            Replay = (options, cancellation) => new Replay(options, TimeProvider.System, Console.Out, Console.Error).RunAsync(cancellation),
            Decode = options => FileDecoder.Decode(options.File, options.Decoder, TimeProvider.System, Console.Out).Rejections == 0 ? 0 : 1,
            Verify = directory => Verify.Run(directory, Console.Out, Console.Error),
            VerifyDossier = file => Sealing.DossierVerifier.Run(file, Console.Out, Console.Error),
            BackTest = (options, cancellation) => BackTestVerb.Run(options, Console.Out, Console.Error, cancellation),
            Redecode = (options, cancellation) => RedecodeVerb.Run(options, Console.Out, Console.Error, cancellation),
            Train = (options, cancellation) => TrainVerb.Run(options, Console.Out, Console.Error, cancellation),
            Scoreboard = (options, cancellation) => ScoreboardVerb.Run(options, Console.Out, Console.Error, cancellation),
            Doctor = options => new Doctor(options, TimeProvider.System).Run(Console.Out),
        };
        return await new CommandLine(verbs, Environment.GetEnvironmentVariable).RunAsync(arguments, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
    }
}
