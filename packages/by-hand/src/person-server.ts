import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import type { Answer, Received } from './http.ts';
import { type Changes, change, type Jwt, type Members, sign } from './jwt.ts';
import { type Caller, type Party, readPublished, startParty, verifyCaller } from './party.ts';
import { createPendingRequests, type PendingRequest } from './pending-requests.ts';
import { authToken, type Issuer, personToken } from './tokens.ts';

/** A request to one of the token endpoints, as far as it holds. */
interface TokenRequest {
  readonly endpoint: 'person-token' | 'auth-token';
  readonly caller: Caller;
  readonly body: Members;
}

export interface PersonServer extends Party {
  /** Every request that was answered with a token, in order. */
  readonly requests: TokenRequest[];
  /** Whether the person is asked about each request; false at first. */
  asks: boolean;
  /** The requests that they were asked about, in order. */
  readonly pending: readonly PendingRequest[];
  /** What is changed in the next tokens before they are signed. */
  readonly changes: { person: Changes; auth: Changes };
  /** What a resource knows the person by. */
  subjectAt(resource: string): string;
  personToken(resource: string, agentKey: JWK, changes?: Changes): Promise<string>;
}

/** A Person Server of one person, who lets every agent do everything, unless a test has them asked. */
export async function startPersonServer(): Promise<PersonServer> {
  const requests: TokenRequest[] = [];
  const changes: PersonServer['changes'] = { person: {}, auth: {} };
  let isAsking = () => false;
  const subjectAt = (resource: string) => createHash('sha256').update(`alice ${resource}`).digest('base64url');

  const issuePersonToken = (self: Issuer, resource: string, agentKey: JWK, altered: Changes) =>
    sign(change(personToken(self, { resource, subject: subjectAt(resource), agentKey }), altered), self.key);

  async function answer(request: Received, self: Issuer): Promise<Answer> {
    const { method, path } = request;
    const caller = await verifyCaller(request, { withBody: method === 'POST' });
    expectEqual('typ', caller.token.header.typ, 'aa-agent+jwt');
    expectEqual('ps', caller.token.claims.ps, self.issuer);
    const agent = `${caller.token.claims.sub}`;
    const readBody = async (): Promise<Members> => Object(JSON.parse(new TextDecoder().decode(request.body)));
    if (path.startsWith('/pending/')) return pending.answer({ method, path, agent, body: readBody });
    if (method !== 'POST') return { status: 404 };
    const body = await readBody();
    const issue = () => (path === '/person-token' ? givePersonToken : exchange)(self, caller, body);
    return isAsking() ? pending.open({ endpoint: path.slice(1), agent, body }, issue) : issue();
  }

  async function givePersonToken(self: Issuer, caller: Caller, body: Members): Promise<Answer> {
    const token = await issuePersonToken(self, `${body.resource}`, caller.key, changes.person);
    requests.push({ endpoint: 'person-token', caller, body });
    return { status: 200, body: { person_token: token, expires_in: 3600 } };
  }

  async function exchange(self: Issuer, caller: Caller, body: Members): Promise<Answer> {
    const asked = await readPublished(`${body.resource_token}`);
    const presented = await readPublished(`${body.presented_token}`);
    checkExchange(self, caller, asked, presented);
    const token = await sign(change(authToken(self, { asked, agentKey: caller.key }), changes.auth), self.key);
    requests.push({ endpoint: 'auth-token', caller, body });
    return { status: 200, body: { auth_token: token, expires_in: 3600 } };
  }

  const pending = createPendingRequests(() => party.issuer);
  const party = await startParty({
    dwk: 'aauth-person.json',
    kid: 'ps-1',
    metadata: (issuer) => ({
      person_token_endpoint: `${issuer}/person-token`,
      auth_token_endpoint: `${issuer}/auth-token`,
    }),
    answer,
  });
  const server: PersonServer = Object.assign(party, {
    requests,
    asks: false,
    pending: pending.all,
    changes,
    subjectAt,
    personToken: (resource: string, agentKey: JWK, altered: Changes = {}) =>
      issuePersonToken(party, resource, agentKey, altered),
  });
  isAsking = () => server.asks;
  return server;
}

function checkExchange(self: Issuer, caller: Caller, asked: Jwt, presented: Jwt): void {
  const { claims } = asked;
  expectEqual('typ of the resource token', asked.header.typ, 'aa-resource+jwt');
  expectEqual('dwk of the resource token', claims.dwk, 'aauth-resource.json');
  expectEqual('aud of the resource token', claims.aud, self.issuer);
  expectEqual('ps of the resource token', claims.ps, self.issuer);
  expectEqual('agent_jkt', claims.agent_jkt, caller.thumbprint);
  expectEqual('presented_jti', claims.presented_jti, presented.claims.jti);
  expectEqual('iss of the presented token', presented.claims.iss, self.issuer);
  expectEqual('aud of the presented token', presented.claims.aud, claims.iss);
  for (const name of ['sub', 'mission_s256', 'tenant']) expectEqual(name, claims[name], presented.claims[name]);
}

function expectEqual(what: string, received: unknown, expected: unknown): void {
  if (received !== expected) throw new Error(`${what} is ${received}, not ${expected}.`);
}
