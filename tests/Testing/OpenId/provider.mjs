// oidc-provider with its own pages for signing in and out, as ProConnect is set up: PKCE, client_secret_post, userinfo as a
// signed token. Arguments: port and a JSON object of redirectUri, afterSignOut, accounts (claims by login name), kid.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const { redirectUri, afterSignOut, accounts, kid } = JSON.parse(process.argv[3]);
const issuer = `http://127.0.0.1:${port}`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clients = [{
  client_id: 'marketplace',
  client_secret: 'secret-of-the-marketplace-at-the-provider',
  redirect_uris: [redirectUri],
  post_logout_redirect_uris: [afterSignOut],
  token_endpoint_auth_method: 'client_secret_post',
  userinfo_signed_response_alg: 'RS256',
}];

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] },
  cookies: { keys: ['of-the-test'] },
  pkce: { required: () => true },
  claims: {
    email: ['email', 'email_verified'], given_name: ['given_name'], usual_name: ['usual_name'], siret: ['siret'], organization_label: ['organization_label'], roles: ['roles'],
  },
  features: { jwtUserinfo: { enabled: true }, resourceIndicators: { enabled: true, getResourceServerInfo: () => ({ scope: 'api' }) } },
  ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
  findAccount: (_, login) => accounts[login] && { accountId: login, claims: () => ({ sub: login, ...accounts[login] }) },
});
const answer = provider.callback();

async function accessToken({ sub, audience }) {
  const token = new provider.AccessToken({ accountId: sub, client: await provider.Client.find('marketplace'), scope: 'api', gty: 'authorization_code' });
  token.resourceServer = new provider.ResourceServer(audience, { audience, scope: 'api', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } });
  return token.save();
}

const signed = ({ header, claims }) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(privateKey);

const asked = [];
createServer(async (request, response) => {
  if (request.url.startsWith('/test/')) {
    let text = '';
    for await (const part of request) text += part;
    try {
      const result = request.url === '/test/token' ? await accessToken(JSON.parse(text)) : request.url === '/test/signed' ? await signed(JSON.parse(text)) : JSON.stringify(asked);
      response.end(result);
    } catch (e) {
      response.writeHead(500).end(String(e.stack));
    }
    return;
  }
  asked.push(request.url);
  answer(request, response);
}).listen(port, '127.0.0.1', () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit());
