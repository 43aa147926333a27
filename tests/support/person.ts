import { json } from './backend.ts';

const personServer = 'http://localhost:8765';

/** Calls the Person Server's API with the portal token, as a script of the person would. */
export async function asPerson<Body>(path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(`${personServer}${path}`, { ...init, headers: { authorization: 'Bearer mytoken' } });
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
}

/** The newest of the tokens that have not expired, as many as the server lists at once. */
export async function issuedTokens(): Promise<IssuedToken[]> {
  const { tokens } = await asPerson<{ tokens: IssuedToken[] }>('/person/issued-tokens?limit=200');
  return tokens;
}
