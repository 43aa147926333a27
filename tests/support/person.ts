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
  resource: string;
  sub: string;
  scope: string;
}

/** The tokens that have not expired, newest first. */
export function issuedTokens(): Promise<IssuedToken[]> {
  return asPerson('/person/issued-tokens');
}
