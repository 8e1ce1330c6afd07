using System.Net;
using Marketplace.LocalSidecar.Resources;

namespace Marketplace.LocalSidecar;

/// <summary>The local run's stand-in for daprd: Dapr's HTTP API on PostgreSQL, one process for all apps.</summary>
public static class Sidecar
{
    /// <summary>daprd's default for --max-body-size, in bytes.</summary>
    internal const int MaxBodySize = 4 * 1024 * 1024;

    /// <summary>Wires the process up; settings come from the command line and the environment (<see cref="SidecarSettings.Read"/>).</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
        var settings = SidecarSettings.Read(builder.Configuration);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            foreach (var app in settings.Apps)
                kestrel.Listen(IPAddress.Loopback, app.HttpPort);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain + TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton(services => new SidecarEngine(settings, ResourceFiles.Load(settings.ResourcesPath), services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<SidecarEngine>());

        var web = builder.Build();
        web.MapSidecar(web.Services.GetRequiredService<SidecarEngine>(), settings);
        return web;
    }
}
