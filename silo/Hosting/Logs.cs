using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Streaming.Silo.Hosting;

/// <summary>What goes to the console: what this process has to say, and of its frameworks only what needs somebody's attention.</summary>
internal static class Logs
{
    /// <param name="least">What is below it is not said.</param>
    /// <param name="aside">True where what the process prints is its answer: what it has to say besides then goes to the error output.</param>
    public static ILoggerFactory Create(LogLevel least, bool aside = false) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(least)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Orleans", LogLevel.Warning)

        // By which Orleans repeats calls: a line for each.
        .AddFilter("Polly", LogLevel.Warning)

        // Advice about the garbage collector, the length of each step of a stop, and threads seen late on a busy machine.
        .AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
        .AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.Error)
        .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)

        // Calls that fail: the caller hears of it, and says so where it matters. While a silo stops these are the dashboard's questions.
        .AddFilter("Orleans.Messaging", LogLevel.Critical)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        })
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = aside ? LogLevel.Trace : LogLevel.None));
}
