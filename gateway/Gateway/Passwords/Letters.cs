using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Mail;

namespace Marketplace.Gateway.Passwords;

/// <summary>What is written to people about their passwords, in their language.</summary>
public static class Letters
{
    /// <summary>The link to choose a password: the first one of an account that somebody made for the reader, or a new one.</summary>
    public static Letter ChoosePassword(Credentials account, Uri link, string language, bool isWelcome) => (language, isWelcome) switch
    {
        ("en", true) => new(account.Email, "Your account", $"""
            Hello {account.DisplayName},

            An account was made for you. Open this link within the hour to choose your password; it works once:

            {link}

            Later, ask for another one with "Forgot your password?" on the sign-in page.
            """),
        ("en", false) => new(account.Email, "Choose a new password", $"""
            Hello {account.DisplayName},

            Somebody asked for a new password for your account. If it was you, open this link within the hour; it works once:

            {link}

            If it was not you, do nothing: your password stays as it is.
            """),
        (_, true) => new(account.Email, "Votre compte", $"""
            Bonjour {account.DisplayName},

            Un compte a été créé pour vous. Ouvrez ce lien dans l'heure pour choisir votre mot de passe ; il ne sert qu'une fois :

            {link}

            Plus tard, demandez-en un autre par « Mot de passe oublié ? » sur la page de connexion.
            """),
        _ => new(account.Email, "Choisir un nouveau mot de passe", $"""
            Bonjour {account.DisplayName},

            Un nouveau mot de passe a été demandé pour votre compte. Si c'était vous, ouvrez ce lien dans l'heure ; il ne sert qu'une fois :

            {link}

            Sinon, ne faites rien : votre mot de passe reste le même.
            """),
    };
}
