namespace Marketplace.Subsidies.Reports;

/// <summary>Who granted an aid, as the files name it.</summary>
/// <param name="Name">Its official name.</param>
/// <param name="Siret">Its SIRET (14 digits); null when nobody gave one.</param>
public sealed record GrantingAuthority(string Name, string? Siret)
{
    /// <summary>
    /// The funder of the programme when its SIRET was given, else the town of the configuration (<c>Town:Name</c>,
    /// <c>Town:Siret</c>), which grants in its own name. Where neither is known, the funder's name alone.
    /// </summary>
    public static GrantingAuthority Of(string funder, string? funderSiret, IConfiguration configuration) =>
        funderSiret is null && Town(configuration) is { } town ? town : new GrantingAuthority(funder, funderSiret);

    /// <summary>The town; null when its name or a right SIRET is not configured.</summary>
    public static GrantingAuthority? Town(IConfiguration configuration) =>
        configuration["Town:Name"] is { Length: > 0 } name && Beneficiaries.Siret.Parse(configuration["Town:Siret"]) is { } siret ? new GrantingAuthority(name, siret) : null;
}
