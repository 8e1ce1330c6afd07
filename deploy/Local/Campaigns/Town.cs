using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>The town's people, one account per role, two where four eyes are asked for.</summary>
public sealed class Town(Account admin, string password)
{
    /// <summary>Of the staff, in their order: whoever looks for the second pair of eyes has to tell the two apart.</summary>
    private static readonly string[] Names = ["Inès Delattre", "Hugo Lemaire", "Agnès Carpentier", "Samir Benali", "Claire Vasseur"];

    public Account Admin { get; } = admin;

    public Account Buyer { get; } = new("buyer", "achats@ville.example", password);

    public Account Assessor { get; } = new("assessor", "evaluation@ville.example", password);

    public Account SecondAssessor { get; } = new("assessor", "decision@ville.example", password);

    public Account Finance { get; } = new("finance", "finances@ville.example", password);

    public Account SecondFinance { get; } = new("finance", "ordonnateur@ville.example", password);

    /// <summary>Everyone but the administrator.</summary>
    public IReadOnlyList<Account> Staff => [Buyer, Assessor, SecondAssessor, Finance, SecondFinance];

    /// <summary>The administrator creates the accounts of the others.</summary>
    public async Task HireAsync(MarketplaceClient api, CancellationToken ct)
    {
        foreach (var (person, name) in Staff.Zip(Names))
        {
            var body = new JsonObject
            {
                ["email"] = person.Email,
                ["password"] = person.Password,
                ["displayName"] = name,
                ["roles"] = new JsonArray(person.Persona),
            };
            (await api.PostAsync("/api/auth/staff", body, Admin, ct)).OrThrow();
        }
    }
}
