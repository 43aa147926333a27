import { json } from './backend.ts';

const personServer = 'http://localhost:8765';

/** Calls the Person Server's API with the portal token, as a script of the person would. */
export async function asPerson<Body>(path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(`${personServer}${path}`, {
    ...init,
    headers: { ...init.headers, authorization: 'Bearer mytoken' },
  });
  return json(response);
}

/** A token that the Person Server has issued, as it lists it. */
export interface IssuedToken {
  jti: string;
  type: string;
  agent_id: string;
  audience: string;
  subject: string;
  scope: string[];
  revoked_at: string | null;
}

/** The newest of the tokens that have not expired, as many as the server lists at once. */
export async function issuedTokens(): Promise<IssuedToken[]> {
  const { tokens } = await asPerson<{ tokens: IssuedToken[] }>('/person/issued-tokens?limit=200');
  return tokens;
}

/** Withdraws every consent and takes back every auth token: agents that want access have to ask again. */
export async function takeBackEverything(): Promise<void> {
  const consents = await asPerson<{ consent_id: string }[]>('/person/consents');
  for (const { consent_id } of consents) {
    await asPerson(`/person/consents/${consent_id}/withdraw`, { method: 'POST' });
  }
  // What was issued on behalf of a token goes with it.
  for (const { jti } of await liveAuthTokens()) {
    const isLive = (await liveAuthTokens()).some((token) => token.jti === jti);
    if (isLive) await asPerson(`/person/issued-tokens/${jti}/revoke`, { method: 'POST' });
  }
}

async function liveAuthTokens(): Promise<IssuedToken[]> {
  return (await issuedTokens()).filter(({ type, revoked_at }) => type === 'aa-auth+jwt' && revoked_at === null);
}
