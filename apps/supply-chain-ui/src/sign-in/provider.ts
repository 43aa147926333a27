import * as oauth from 'oauth4webapi';
import type { PageSettings } from '../api/settings.ts';
import type { Session, StartedSignIn } from './session.ts';

type Settings = NonNullable<PageSettings['oidc']>;

/** The sign-in did not work; the message is for the person. */
class SignInError extends Error {
  override readonly name = 'SignInError';
}

/** The OpenID Provider, as a public client with PKCE uses it. */
export interface Provider {
  /** What is to be remembered, and where the person signs in. @throws SignInError */
  begin(returnTo: string): Promise<{ started: StartedSignIn; url: string }>;
  /** Takes up what the provider answered. @throws SignInError */
  complete(answer: URL, started: StartedSignIn): Promise<Session>;
  /** Goes on without the person, while the provider lets it. @throws SignInError */
  renew(session: Session): Promise<Session>;
  /** Where the provider ends its own session; undefined when it has no such place. @throws SignInError */
  signOutUrl(session: Session): Promise<string | undefined>;
}

export function createProvider(settings: Settings, origin: string): Provider {
  const issuer = new URL(settings.issuer);
  const client: oauth.Client = { client_id: settings.client_id };
  const redirectUri = `${origin}/signed-in`;
  // A provider on this machine is reached without TLS.
  const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' };
  let discovered: Promise<oauth.AuthorizationServer> | undefined;

  async function discover(): Promise<oauth.AuthorizationServer> {
    discovered ??= oauth
      .discoveryRequest(issuer, options)
      .then((response) => oauth.processDiscoveryResponse(issuer, response));
    try {
      return await discovered;
    } catch (cause) {
      discovered = undefined;
      throw new SignInError(`The sign-in server at ${issuer.host} does not answer.`, { cause });
    }
  }

  function sessionOf(tokens: oauth.TokenEndpointResponse, before?: Session): Session {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    const idToken = tokens.id_token ?? before?.id_token;
    if (idToken === undefined) throw new SignInError('The sign-in server sent no ID token.');
    const now = Math.floor(Date.now() / 1000);
    // Without a resource of its own the access token is the provider's; the ID token is for this client, and the backend takes it.
    const [token, expiresAt] = settings.resource
      ? [tokens.access_token, now + (tokens.expires_in ?? 300)]
      : [idToken, claims?.exp ?? before?.expires_at ?? now];
    return {
      token,
      expires_at: expiresAt,
      id_token: idToken,
      refresh_token: tokens.refresh_token ?? before?.refresh_token ?? null,
      name: claims ? nameIn(claims) : (before?.name ?? ''),
    };
  }

  return {
    async begin(returnTo) {
      if (!globalThis.isSecureContext) {
        throw new SignInError('Signing in needs https, or a page on localhost.');
      }
      const server = await discover();
      if (server.authorization_endpoint === undefined)
        throw new SignInError('The sign-in server names no sign-in page.');
      const started = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        code_verifier: oauth.generateRandomCodeVerifier(),
        return_to: returnTo,
      };
      const url = new URL(server.authorization_endpoint);
      const parameters = {
        client_id: settings.client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: settings.scope,
        state: started.state,
        nonce: started.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(started.code_verifier),
        code_challenge_method: 'S256',
        ...(settings.resource && { resource: settings.resource }),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { started, url: url.href };
    },

    async complete(answer, started) {
      const server = await discover();
      try {
        const parameters = oauth.validateAuthResponse(server, client, answer, started.state);
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          oauth.None(),
          parameters,
          redirectUri,
          started.code_verifier,
          { ...options, ...(settings.resource && { additionalParameters: { resource: settings.resource } }) },
        );
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
          expectedNonce: started.nonce,
          requireIdToken: true,
        });
        return sessionOf(tokens);
      } catch (cause) {
        throw new SignInError(reasonOf(cause), { cause });
      }
    },

    async renew(session) {
      if (session.refresh_token === null) throw new SignInError('Your sign-in has ended.');
      const server = await discover();
      try {
        const response = await oauth.refreshTokenGrantRequest(
          server,
          client,
          oauth.None(),
          session.refresh_token,
          options,
        );
        return sessionOf(await oauth.processRefreshTokenResponse(server, client, response), session);
      } catch (cause) {
        throw new SignInError('Your sign-in has ended.', { cause });
      }
    },

    async signOutUrl(session) {
      const { end_session_endpoint: endpoint } = await discover();
      if (endpoint === undefined) return undefined;
      const url = new URL(endpoint);
      url.searchParams.set('id_token_hint', session.id_token);
      url.searchParams.set('client_id', settings.client_id);
      url.searchParams.set('post_logout_redirect_uri', `${origin}/`);
      return url.href;
    },
  };
}

function nameIn(claims: oauth.IDToken): string {
  const names = [claims.name, claims.preferred_username, claims.email, claims.sub];
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? claims.sub;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof oauth.AuthorizationResponseError) {
    if (cause.error === 'access_denied') return 'You did not sign in.';
    return cause.error_description ?? `The sign-in server refused: ${cause.error}.`;
  }
  if (cause instanceof oauth.ResponseBodyError) {
    return `The sign-in server did not complete the sign-in: ${cause.error_description ?? cause.error}.`;
  }
  return 'The sign-in server’s answer does not belong to a sign-in of this page.';
}
