using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Marketplace.Platform.Hosting;

/// <summary>The OpenAPI document of a process, told as the API's JSON dialect is.</summary>
public static class ApiDocument
{
    /// <summary>Its name towards ASP.NET Core.</summary>
    public const string Name = "v1";

    /// <summary>
    /// Registers the document. Slices nest their records (<c>SignIn.Body</c>), so schemas are named after both; the
    /// dialect's own converters hide the types of texts and instants, which are put back; what may be null is not required.
    /// </summary>
    /// <param name="services">The process's services.</param>
    /// <param name="title">Such as <c>pooled-orders</c>.</param>
    /// <param name="texts">Further types that are texts in JSON, with their format.</param>
    public static void AddApiDocument(this IServiceCollection services, string title, params (Type Type, string Format)[] texts) => services.AddOpenApi(Name, options =>
    {
        options.CreateSchemaReferenceId = type => type.Type.DeclaringType is { } slice && OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id
            ? slice.Name + id
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = title;
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = context.JsonTypeInfo.Type;
            if (type == typeof(string) || type == typeof(DateTime) || type == typeof(DateTime?) || texts.Any(t => t.Type == type))
            {
                schema.Type = context.JsonPropertyInfo?.IsGetNullable == true ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
                schema.Format ??= type == typeof(string) ? null : texts.FirstOrDefault(t => t.Type == type).Format ?? "date-time";
            }

            if (schema.Items is null && type.IsAssignableTo(typeof(IEnumerable<string>)))
            {
                schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
            }

            foreach (var property in context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable))
            {
                schema.Required?.Remove(property.Name);
            }

            return Task.CompletedTask;
        });
    });
}
