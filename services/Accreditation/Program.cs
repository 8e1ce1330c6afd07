using Marketplace.Platform.Hosting;

var builder = ServiceHost.CreateBuilder(args, "accreditation", typeof(Program).Assembly);
var app = builder.Build();
await app.RunServiceAsync();
