import type { Answer, Received } from './http.ts';
import { type Changes, change, type Jwt, type Members, sign } from './jwt.ts';
import { type Caller, type CallingServer, type Party, startParty, verifyCaller, verifyServer } from './party.ts';
import { agentToken, type Issuer, resourceToken } from './tokens.ts';

export interface Resource extends Party {
  /** The callers that were served, in order. */
  readonly served: Caller[];
  /** The tokens that servers have taken back, in order. */
  readonly revocations: Revocation[];
  readonly challenge: Challenge;
  /** An agent token that it issued itself, for calling others. */
  agentToken(changes?: Changes): Promise<string>;
}

interface Revocation extends CallingServer {
  readonly jti: unknown;
  readonly exp: unknown;
}

/** How those are answered who present too little; a test may change it. */
export interface Challenge {
  /** Of those who present a person token. With 202 the call counts as held, to be answered at another URL. */
  status: 401 | 202;
  /** What is changed, for a presented token, in the resource token before it is signed. */
  resourceToken(presented: Jwt): Changes;
  /** What is left of the resource token after it was signed. */
  alter(compact: string): string;
  /** The value of `AAuth-Requirement`. */
  header(requirement: string, token: string): string;
}

export interface ResourceOptions {
  /** What callers have to present; the resource's `access_mode`. */
  readonly access: 'agent-token' | 'person-token' | 'auth-token';
  /** Published in the metadata beside `access_mode`. */
  readonly metadata?: Members;
  /** Whether it calls others as an agent that is its own provider, with the key that signs its resource tokens. */
  readonly callsOthers?: boolean;
}

const ranks = { 'aa-agent+jwt': 0, 'aa-person+jwt': 1, 'aa-auth+jwt': 2 } as const;
const scope = 'stock:read';
const pending = { location: '/held/1', 'retry-after': '0', 'cache-control': 'no-store' };

/** A resource whose every URL is protected. It tells who it served. */
export async function startResource({ access, metadata, callsOthers }: ResourceOptions): Promise<Resource> {
  const served: Caller[] = [];
  const revocations: Revocation[] = [];
  const challenge: Challenge = {
    status: 401,
    resourceToken: () => ({}),
    alter: (compact) => compact,
    header: (requirement, token) =>
      requirement === 'auth-token' ? `requirement=auth-token;resource-token="${token}"` : `requirement=${requirement}`,
  };
  const required = ['agent-token', 'person-token', 'auth-token'].indexOf(access);

  async function answer(request: Received, self: Issuer): Promise<Answer> {
    if (callsOthers && request.path === '/.well-known/aauth-agent.json') {
      return { status: 200, body: { issuer: self.issuer, jwks_uri: `${self.issuer}/jwks.json` } };
    }
    if (request.path === '/revoke') {
      const { jti, exp } = Object(JSON.parse(new TextDecoder().decode(request.body)));
      revocations.push({ ...(await verifyServer(request)), jti, exp });
      return { status: 200 };
    }
    const caller = await verifyCaller(request, { withBody: false });
    const { iss, jti } = caller.token.claims;
    if (revocations.some((revocation) => revocation.server === iss && revocation.jti === jti)) {
      const headers = { 'signature-error': 'error=revoked_jwt', 'aauth-requirement': 'requirement=person-token' };
      return { status: 401, headers, body: { error: 'revoked_jwt' } };
    }
    const rank = rankOf(caller);
    if (rank > 0 && caller.token.claims.aud !== self.issuer) return { status: 403, body: { error: 'another aud' } };
    if (rank >= required) {
      served.push(caller);
      return { status: 200, body: caller.token.claims };
    }
    const body = { error: 'more is needed' };
    if (rank === 0) {
      return { status: 401, headers: { 'aauth-requirement': challenge.header('person-token', '') }, body };
    }
    const headers = { 'aauth-requirement': challenge.header('auth-token', await ask(self, caller)) };
    return challenge.status === 401
      ? { status: 401, headers, body }
      : { status: 202, headers: { ...headers, ...pending }, body: { status: 'pending' } };
  }

  async function ask(self: Issuer, { token, thumbprint }: Caller): Promise<string> {
    const asked = resourceToken(self, { presented: token, agentJkt: thumbprint, scope });
    return challenge.alter(await sign(change(asked, challenge.resourceToken(token)), self.key));
  }

  const party = await startParty({
    dwk: 'aauth-resource.json',
    kid: 'rs-1',
    metadata: (issuer) => ({
      access_mode: access,
      scope_descriptions: { [scope]: 'See the stock' },
      revocation_endpoint: `${issuer}/revoke`,
      ...metadata,
    }),
    answer,
  });
  return Object.assign(party, {
    served,
    revocations,
    challenge,
    agentToken: (changes: Changes = {}) => {
      const agent = `aauth:caller@${new URL(party.issuer).host}`;
      return sign(change(agentToken(party, { agent, agentKey: party.key }), changes), party.key);
    },
  });
}

function rankOf({ token }: Caller): number {
  const { typ } = token.header;
  if (typ === 'aa-agent+jwt' || typ === 'aa-person+jwt' || typ === 'aa-auth+jwt') return ranks[typ];
  throw new Error(`A token of typ ${typ} identifies nobody.`);
}
