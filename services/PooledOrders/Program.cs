using Marketplace.Platform.Hosting;
using Marketplace.PooledOrders;
using Marketplace.PooledOrders.Closing;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Payments;
using Marketplace.PooledOrders.Pools;

var builder = ServiceHost.CreateBuilder(args, "pooled-orders", typeof(Program).Assembly, PooledOrdersJson.Default);
builder.Services.AddScoped<ClosePool>();
builder.Services.AddSingleton<FoldedJoins>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<FoldedJoins>());
builder.Services.AddStripe(builder.Configuration);
builder.Services.AddScoped<SavedMethods>();
builder.Services.AddScoped<Charging>();
builder.Services.AddScoped<PaymentRecord>();
builder.Services.AddHostedService<PaymentLoop>();
builder.Services.AddSingleton<PoolFeed>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<PoolFeed>());
await builder.Build().RunServiceAsync();
