import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import { z } from 'zod';

const redirectUri = 'http://localhost:3050/signed-in';
const lifetime = 600;
const tokensSchema = z.object({ id_token: z.string(), access_token: z.string() });

/** An OpenID Provider (npm `oidc-provider`) at which everybody signs in as whoever they say. */
export async function startOpenIdProvider({ clientId, audience }: { clientId: string; audience: string }) {
  const kid = 'op-1';
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${portOf(server.address())}`;
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        application_type: 'native',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        preferred_username: sub,
        name: `${sub.charAt(0).toUpperCase()}${sub.slice(1)} Example`,
        email: `${sub}@example.com`,
      }),
    }),
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    ttl: { Interaction: lifetime, Session: lifetime, Grant: lifetime, AccessToken: lifetime, IdToken: lifetime },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  });
  const handle = provider.callback();
  let who = '';
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return handle(request, response);
    const { prompt, params } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: who } });
    }
    const grant = new provider.Grant({ accountId: who, clientId });
    grant.addOIDCScope(String(params.scope));
    await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  });

  return {
    issuer,
    kid,
    publicJwk: await exportJWK(publicKey),

    /** Signs whatever claims with the provider's key. */
    sign: (claims: object, header: object = {}) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey),

    /** Authorization code with PKCE, as a page does it. */
    async signIn(subject: string) {
      who = subject;
      const verifier = randomBytes(32).toString('base64url');
      const start = new URL('/auth', issuer);
      start.search = `${new URLSearchParams({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        nonce: randomBytes(8).toString('hex'),
      })}`;
      const code = await followToCode(start);
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
      });
      const response = await fetch(new URL('/token', issuer), { method: 'POST', body });
      const tokens = tokensSchema.parse(await response.json());
      return { idToken: tokens.id_token, accessToken: tokens.access_token };
    },

    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Follows redirects with cookies, as a browser does, until the client's page is reached. */
async function followToCode(start: URL): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  while (!url.href.startsWith(redirectUri)) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new TypeError(`${url.href} answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
  }
  return url.searchParams.get('code') ?? '';
}

function portOf(address: AddressInfo | string | null): number {
  return Object(address).port;
}
