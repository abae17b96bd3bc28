// The OpenID Provider of the tests: npm's oidc-provider (OpenID certified), any login name and any password.
// Settings come by environment, see openid_provider.py. Prints one line of JSON once it answers; ends with its stdin.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { env } = process;
console.info = console.error; // the library's notices; what it prints to stdout is our one line
const list = (value) => (value ?? '').split(' ').filter(Boolean);
const cast = JSON.parse(readFileSync(new URL('../../demo/identity/cast.json', import.meta.url)));

// The app under test listens on ports that nobody knows beforehand.
const onLoopback = (uri, path) => {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  return url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname)
    && url.pathname === path && !url.search && !url.hash && !url.username;
};

// A login of the cast is that person; any other is someone new. "nomail…" has no e-mail.
const claims = (login) => {
  if (Object.hasOwn(cast, login)) return { sub: login, email_verified: true, ...cast[login] };
  const mail = login.startsWith('nomail') ? {} : { email: login.includes('@') ? login : `${login}@demo.test`, email_verified: true };
  return { sub: login, name: login, locale: 'en-GB', zoneinfo: 'Europe/London', roles: [], ...mail };
};

const client = {
  client_id: env.CLIENT_ID,
  client_secret: env.CLIENT_SECRET,
  redirect_uris: ['http://localhost/login/callback/', ...list(env.REDIRECT_URIS)],
  post_logout_redirect_uris: ['http://localhost/signed-out/', ...list(env.POST_LOGOUT_REDIRECT_URIS)],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  ...(env.BACKCHANNEL_LOGOUT_URI
    ? { backchannel_logout_uri: env.BACKCHANNEL_LOGOUT_URI, backchannel_logout_session_required: true } : {}),
};

// RFC 9068 access tokens for the app's API, which is named by its URL.
const resourceServer = (ctx, indicator) => ({
  scope: new URL(indicator).pathname === '/v7.1/' ? 'remoteconnection:read remoteconnection:write' : '',
  audience: indicator,
  accessTokenFormat: 'jwt',
  accessTokenTTL: 600,
  jwt: { sign: { alg: 'RS256' } },
});

// Keys of its own in each run, so that a token of yesterday, or of a second provider, is refused.
const signingKey = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', kid: randomUUID(),
};

const configuration = {
  clients: [client],
  jwks: { keys: [signingKey] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'roles'],
  },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600, AccessToken: 600, RefreshToken: 3600 },
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
  },
  findAccount: (ctx, login) => ({ accountId: login, claims: () => claims(login) }),
  // Its guard against calls to special addresses comes as a dispatcher; back-channel logout here is a call to 127.0.0.1.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
};

const server = createServer();
server.listen(Number(env.PORT ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const { redirectUriAllowed, postLogoutRedirectUriAllowed } = provider.Client.prototype;
  Object.assign(provider.Client.prototype, {
    redirectUriAllowed(uri) { return onLoopback(uri, '/login/callback/') || redirectUriAllowed.call(this, uri); },
    postLogoutRedirectUriAllowed(uri) { return onLoopback(uri, '/signed-out/') || postLogoutRedirectUriAllowed.call(this, uri); },
  });
  provider.on('server_error', (ctx, error) => console.error(error));
  provider.on('backchannel.error', (ctx, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(JSON.stringify({ issuer }));
});
process.stdin.resume().on('end', () => process.exit(0));
