using Marketplace.Platform.Hosting;
using Marketplace.Subsidies.Grants;

var builder = ServiceHost.CreateBuilder(args, "subsidies", typeof(Program).Assembly);
builder.Services.AddScoped<SaveAid>();
builder.Services.AddScoped<ReleaseAid>();
builder.Services.AddScoped<RecomputeReservations>();
builder.Services.AddScoped<GrantPool>();
builder.Services.AddScoped<SettleClosings>();
var app = builder.Build();
await app.RunServiceAsync();
