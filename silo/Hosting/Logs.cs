using Microsoft.Extensions.Logging;

namespace Streaming.Silo.Hosting;

/// <summary>What goes to the console: what this process has to say, and of its frameworks only what needs somebody's attention.</summary>
internal static class Logs
{
    public static ILoggerFactory Create(LogLevel least) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(least)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Orleans", LogLevel.Warning)

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
        }));
}
