using Streaming.Ingest.Formats;
using Streaming.Silo.Bench;
using Streaming.Silo.Cli;

namespace Streaming.Silo.Hosting;

/// <summary>Where the process begins: the verbs get what they do.</summary>
internal static class Entry
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        Verbs verbs = new()
        {
            Up = Up.RunAsync,
            Bench = (options, cancellation) => IngestBench.RunAsync(options.Json, Console.Out, cancellation),
            Replay = (options, cancellation) => Cli.Replay.RunAsync(options, Console.Out, Console.Error, cancellation),
            Decode = options => Decode(options),
            Verify = directory => Cli.Verify.Run(directory, Console.Out, Console.Error),
            Doctor = options => Cli.Doctor.Run(options, Console.Out),
        };
        return await new CommandLine(verbs, Environment.GetEnvironmentVariable).RunAsync(arguments, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
    }

    private static int Decode(DecodeOptions options) => FileDecoder.Run(options.File, options.Decoder, Console.Out);
}
