using Marketplace.Platform.Hosting;

var builder = ServiceHost.CreateBuilder(args, "notes", typeof(Program).Assembly);
await builder.Build().RunServiceAsync();
