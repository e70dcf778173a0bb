using Streaming.Silo.Hosting;

return await Entry.RunAsync(args);
