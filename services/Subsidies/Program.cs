using Marketplace.Platform.Hosting;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;
using Marketplace.Subsidies.PaymentRuns;

var builder = ServiceHost.CreateBuilder(args, "subsidies", typeof(Program).Assembly);
builder.Services.AddScoped<GeneralLedger>();
builder.Services.AddScoped<SaveAid>();
builder.Services.AddScoped<ReleaseAid>();
builder.Services.AddScoped<RecomputeReservations>();
builder.Services.AddScoped<GrantPool>();
builder.Services.AddScoped<SettleClosings>();
builder.Services.AddScoped<MoveAid>();
builder.Services.AddScoped<WhenCommitmentPaid>();
builder.Services.AddScoped<OrderAid>();
builder.Services.AddSingleton(PaymentSettings.From(builder.Configuration));
var app = builder.Build();
await app.RunServiceAsync();
