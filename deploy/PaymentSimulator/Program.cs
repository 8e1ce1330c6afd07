using Marketplace.PaymentSimulator.Admin;
using Marketplace.PaymentSimulator.Storage;
using Marketplace.PaymentSimulator.Time;
using Marketplace.PaymentSimulator.Webhooks;
using Marketplace.PaymentSimulator.Wire;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddSingleton(Database.Open(
    builder.Configuration.GetConnectionString("Database")
    ?? throw new InvalidOperationException("ConnectionStrings:Database is missing.")));
builder.Services.AddSingleton(new LocalClock(builder.Configuration["LocalClock:File"]));
builder.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<LocalClock>());
builder.Services.AddSingleton<Switches>();
builder.Services.AddSingleton<Wake>();
builder.Services.AddSingleton<Api>();
builder.Services.AddHostedService<RunDueWork>();
builder.Services.AddHostedService<DeliverWebhooks>();

var app = builder.Build();
var database = app.Services.GetRequiredService<Npgsql.NpgsqlDataSource>();
await Database.CreateTablesAsync(database, CancellationToken.None);
await UseConfiguredEndpoint.RunAsync(app.Configuration, database, app.Services.GetRequiredService<TimeProvider>());
app.MapStripe();
app.MapAdmin();
await app.RunAsync();
