import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/** How long a sign-in lasts. */
export const idTokenSeconds = 600;

/** A real OpenID Provider, at which anybody signs in with any password. */
export interface TestProvider {
  issuer: string;
  /** Admits the pages at an origin. */
  admit: (origin: string) => void;
  /** Lets people stay signed in without asking them, or not. */
  letRenew: (lets: boolean) => void;
  /** Takes no connections, and ends those it has. */
  goAway: () => Promise<void>;
  comeBack: () => Promise<void>;
  stop: () => Promise<void>;
}

export async function startProvider(): Promise<TestProvider> {
  const server = createServer();
  let issuesRefreshTokens = false;
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The provider listens on no port.');
  const { port } = address;
  const issuer = `http://localhost:${port}`;

  return {
    issuer,
    admit: (origin) => {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: 'supply-chain-ui',
            token_endpoint_auth_method: 'none',
            redirect_uris: [`${origin}/signed-in`],
            post_logout_redirect_uris: [`${origin}/`],
            // The pages are on this machine, without TLS.
            application_type: 'native',
            grant_types: ['authorization_code', 'refresh_token'],
          },
        ],
        claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
        conformIdTokenClaims: false,
        clientBasedCORS: () => true,
        cookies: { keys: ['of a test'] },
        pkce: { required: () => true },
        ttl: { IdToken: idTokenSeconds },
        issueRefreshToken: () => issuesRefreshTokens,
        findAccount: (_context, sub) => ({
          accountId: sub,
          claims: () => ({ sub, name: `${sub} of Acme`, email: `${sub}@acme.example` }),
        }),
      });
      server.removeAllListeners('request').on('request', provider.callback());
    },
    letRenew: (lets) => {
      issuesRefreshTokens = lets;
    },
    goAway: close,
    comeBack: () => listen(port),
    stop: close,
  };
}
