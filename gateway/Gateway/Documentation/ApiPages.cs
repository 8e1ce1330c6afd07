using Marketplace.Platform.Requests;

namespace Marketplace.Gateway.Documentation;

/// <summary>The pages on which the services' OpenAPI documents can be read: an overview, and one page per service.</summary>
public sealed class ApiPages : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/docs", OverviewAsync).ExcludeFromDescription();
        routes.MapGet("/api/docs/{service}", ServiceAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> OverviewAsync(HttpRequest request, ServiceDocuments documents, CancellationToken ct)
    {
        var language = Language.Of(request);
        var services = await Task.WhenAll(ServiceDocuments.Names.Select(async name => (Name: name, Document: await documents.ReadAsync(name, ct))));
        return Page.Of(request, language, language.Say("Documentation de l'interface", "API documentation"), Html.Of($"""
            <p>{language.Say("Toutes les adresses sont relatives à ce site. Les montants sont en centimes entiers, les instants en UTC.", "All addresses are relative to this site. Amounts are integer cents, instants are UTC.")}</p>
            {Html.Join(services.Select(s => Overview(language, s.Name, s.Document is { } d ? Operation.Of(d) : null)))}
            """));
    }

    private static async Task<IResult> ServiceAsync(string service, HttpRequest request, ServiceDocuments documents, CancellationToken ct)
    {
        if (!ServiceDocuments.Names.Contains(service))
        {
            return Results.NotFound();
        }

        var language = Language.Of(request);
        var content = await documents.ReadAsync(service, ct) is { } document
            ? Html.Join(Operation.Of(document).Select(o => Detail(language, o)))
            : Unavailable(language);
        return Page.Of(request, language, service, Html.Of($"""
            <p><a href="/api/openapi/{service}.json">{language.Say("Document OpenAPI", "OpenAPI document")}</a></p>
            {content}
            """));
    }

    private static Html Overview(Language language, string name, IReadOnlyList<Operation>? operations) => Html.Of($"""
        <h2><a href="/api/docs/{name}?lang={language.Code}">{name}</a></h2>
        {(operations is null ? Unavailable(language) : Html.Of($"""<ul class="operations">{Html.Join(operations.Select(o => Line(language, name, o)))}</ul>"""))}
        """);

    private static Html Line(Language language, string service, Operation operation) => Html.Of($"""
        <li><span class="method">{operation.Method}</span> <a href="/api/docs/{service}?lang={language.Code}#{operation.Anchor}"><code>{operation.Path}</code></a> <span class="soft">{operation.Summary}</span></li>
        """);

    private static Html Detail(Language language, Operation operation) => Html.Of($"""
        <details id="{operation.Anchor}" open>
        <summary><span class="method">{operation.Method}</span> <code>{operation.Path}</code> <span class="soft">{operation.Summary}</span></summary>
        <div>
        {Parameters(language, operation.Parameters)}
        {Fields(language, language.Say("Corps de la requête", "Request body"), operation.Body)}
        {Html.Join(operation.Replies.Select(r => Html.Of($"<h3>{language.Say("Réponse", "Response")} {r.Status}</h3><p class=\"soft\">{r.Description}</p>{Fields(language, null, r.Fields)}")))}
        </div>
        </details>
        """);

    private static Html Parameters(Language language, IReadOnlyList<Parameter> parameters) => parameters.Count == 0 ? Html.Empty : Html.Of($"""
        <h3>{language.Say("Paramètres", "Parameters")}</h3>
        <table>
        <thead><tr><th scope="col">{language.Say("Nom", "Name")}</th><th scope="col">{language.Say("Où", "In")}</th><th scope="col">Type</th></tr></thead>
        <tbody>{Html.Join(parameters.Select(p => Html.Of($"<tr><td><code>{p.Name}</code>{Mark(p.Required)}</td><td>{p.In}</td><td>{p.Type}</td></tr>")))}</tbody>
        </table>
        """);

    private static Html Fields(Language language, string? heading, IReadOnlyList<Field> fields) => fields.Count == 0 ? Html.Empty : Html.Of($"""
        {(heading is null ? Html.Empty : Html.Of($"<h3>{heading}</h3>"))}
        <table>
        <thead><tr><th scope="col">{language.Say("Champ", "Field")}</th><th scope="col">Type</th></tr></thead>
        <tbody>{Html.Join(fields.Select(f => Html.Of($"<tr><td><code>{f.Path}</code>{Mark(f.Required && f.Path.Length > 0)}</td><td>{f.Type}</td></tr>")))}</tbody>
        </table>
        """);

    private static Html Mark(bool required) => required ? Html.Of($" <abbr title=\"obligatoire / required\">*</abbr>") : Html.Empty;

    private static Html Unavailable(Language language) => Html.Of($"<p>{language.Say("Ce service ne répond pas pour l'instant.", "This service does not answer at the moment.")}</p>");
}
