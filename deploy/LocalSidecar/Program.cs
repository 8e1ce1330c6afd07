using Marketplace.LocalSidecar;

await Sidecar.Build(args).RunAsync();
