import { type PendingResponse, pendingResponse } from '../../src/deferred/pending-response.ts';
import { AAuthError, DeferredError, PolicyError, RequestError, TokenRequestError } from '../../src/errors.ts';
import { parseServerIdentifier } from '../../src/identifiers.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import { problemResponse } from '../../src/problem.ts';
import { createResource, type Resource } from '../../src/resource/resource.ts';
import { type AuthTokenOptions, issueAuthToken } from '../../src/tokens/auth-token.ts';
import { readBodyToken } from '../../src/tokens/body-token.ts';
import { issuePersonToken, type PersonTokenOptions } from '../../src/tokens/person-token.ts';
import type { VerifiedAgentToken, VerifiedAuthToken, VerifiedPersonToken } from '../../src/tokens/types.ts';
import { createResourceTokenVerifier } from '../../src/tokens/verify-resource-token.ts';
import { createTokenVerifier } from '../../src/tokens/verify-token.ts';
import { type AccessWorld, identifiers, notFound, startIssuer, type TestIssuer } from './access-world.ts';
import type { Received } from './http-server.ts';

type Asked = 'person-token' | 'auth-token';

/** A person server of a test: it checks what it gets, and does as the test says. */
export interface TestPersonServer extends TestIssuer {
  /** Every verified request, in order: which endpoint, the body, and who asked. */
  readonly asked: { readonly endpoint: Asked; readonly body: Members; readonly agent: string; readonly jti: string }[];
  /** What becomes of requests: pending ones wait for another decision. */
  decision: 'grant' | 'pending' | 'denied';
  /** The 202 of a pending request. */
  pending: Partial<Parameters<typeof pendingResponse>[0]>;
  /** What the person wants to know of pending requests before anything else; each reply takes the next one away. */
  readonly questions: string[];
  /** Members of the 202 beside the question. */
  questionMembers: Members;
  /** What agents said about pending requests. */
  readonly replies: { readonly method: string; readonly target: string; readonly body: Members | undefined }[];
  /** What the next tokens are to say instead. */
  personClaims: Partial<PersonTokenOptions>;
  authClaims: Partial<AuthTokenOptions>;
  /** Narrows what is granted. */
  narrow: (scope: readonly string[]) => readonly string[];
  /** Answers in its place; `undefined` leaves it to the person server. */
  instead: ((request: Received) => Response | 'drop' | undefined | Promise<Response | 'drop' | undefined>) | undefined;
  /** Agent tokens, by `jti`. */
  readonly revoked: Set<string>;
  /** How often each endpoint issued. */
  count(endpoint: Asked): number;
}

type Members = Readonly<Record<string, unknown>>;
type Issue = () => Promise<Response>;

export async function startPersonServer({ clock, discovery }: AccessWorld): Promise<TestPersonServer> {
  const { now } = clock;
  const own = discovery();
  const pendings = new Map<string, Issue | undefined>();
  // Whom each subject stands for, by audience.
  const persons = new Map<string, string>();
  const base = await startIssuer('person-server', 'aauth-person.json', async (request) => {
    const instead = await self.instead?.(request);
    if (instead) return instead;
    try {
      return await serve(request);
    } catch (error) {
      if (!(error instanceof AAuthError)) throw error;
      return problemResponse(error);
    }
  });
  const { issuer, key } = base;
  const self: TestPersonServer = Object.assign(base, {
    asked: [],
    decision: 'grant' as const,
    pending: {},
    questions: [],
    questionMembers: {},
    replies: [],
    personClaims: {},
    authClaims: {},
    narrow: (scope: readonly string[]) => scope,
    instead: undefined,
    revoked: new Set<string>(),
    count: (endpoint: Asked) => self.asked.filter((asked) => asked.endpoint === endpoint).length,
  });
  base.metadata = {
    person_token_endpoint: `${issuer}/person-token`,
    auth_token_endpoint: `${issuer}/auth-token`,
  };
  const endpoint: Resource = createResource({
    identifier: issuer,
    discovery: own,
    identifiers,
    keys: nodeKeys,
    now,
    requireBodyCoverage: true,
    requirement: false,
    revoked: ({ jti }) => self.revoked.has(jti),
  });
  const verification = { discovery: own, identifiers, keys: nodeKeys, now };
  const verifyResourceToken = createResourceTokenVerifier(verification);
  const verifyPresented = createTokenVerifier({
    ...verification,
    accepts: ['aa-person+jwt', 'aa-auth+jwt'],
    audience: 'any',
    personServers: [{ issuer }],
  });
  return self;

  async function serve({ method, target, headers, body }: Received): Promise<Response> {
    const message = { method, authority: headers.get('host') ?? '', path: target, query: '', headers };
    const verdict = await endpoint.verify(message, body);
    if (!verdict.ok) throw verdict.error;
    const { principal } = verdict;
    if (!('agent' in principal)) throw new RequestError('invalid_request', 'An agent token is needed here.');
    if (method === 'GET') return settle(target);
    const members: Members = body.length > 0 ? JSON.parse(new TextDecoder().decode(body)) : {};
    if (target.startsWith('/pending/')) return reply(method, target, members, principal.token);
    const name: Asked = target === '/person-token' ? 'person-token' : 'auth-token';
    self.asked.push({ endpoint: name, body: members, agent: principal.agent, jti: principal.token.jti });
    if (target === '/person-token') return decide(await personToken(members, principal.token));
    if (target === '/auth-token') return decide(await authToken(members, principal.token));
    return notFound();
  }

  function settle(target: string): Response | Promise<Response> {
    if (!pendings.has(target)) return notFound();
    const issue = pendings.get(target);
    if (!issue) throw new DeferredError('gone', 'The agent took it back.');
    return self.decision === 'grant' && self.questions.length === 0 ? issue() : undecided(target);
  }

  async function reply(method: string, target: string, body: Members, agent: VerifiedAgentToken): Promise<Response> {
    if (!pendings.get(target)) return notFound();
    self.replies.push({ method, target, body: method === 'POST' ? body : undefined });
    self.questions.shift();
    if (method === 'DELETE') pendings.set(target, undefined);
    if (method === 'DELETE') return new Response(null, { status: 204 });
    if (body.action === 'updated_request') pendings.set(target, await authToken(body, agent));
    return undecided(target);
  }

  function decide(issue: Issue): Response | Promise<Response> {
    if (self.decision === 'grant') return issue();
    const location = `/pending/${pendings.size + 1}`;
    pendings.set(location, issue);
    return undecided(location);
  }

  function undecided(location: string): Response {
    if (self.decision === 'denied') throw new PolicyError('denied', 'The person said no.');
    const [clarification] = self.questions;
    if (clarification !== undefined) {
      const members = { clarification, ...self.questionMembers };
      return toResponse(
        pendingResponse({ location, retryAfter: 2, requirement: { requirement: 'clarification' }, members }),
      );
    }
    return toResponse(pendingResponse({ location, retryAfter: 2, ...self.pending }));
  }

  async function personToken({ resource, upstream_token }: Members, agent: VerifiedAgentToken): Promise<Issue> {
    const audience = parseServerIdentifier(resource, identifiers);
    const upstream = await readUpstream(upstream_token, agent);
    const person = upstream ? persons.get(`${upstream.audience} ${upstream.subject}`) : agent.agent;
    const subject = `person-of-${person}-at-${audience}`.replaceAll(/[^a-z0-9-]/g, '-');
    persons.set(`${audience} ${subject}`, `${person}`);
    const notAfter = [agent.expiresAt, ...(upstream ? [upstream.expiresAt] : [])];
    return async () => {
      const cnf = agent.key.publicJwk;
      const options = { issuer, audience, subject, key, cnf, now, notAfter, ...self.personClaims };
      const { token, expiresAt } = await issuePersonToken(options);
      return Response.json({ person_token: token, expires_in: expiresAt - now() });
    };
  }

  async function authToken(body: Members, agent: VerifiedAgentToken): Promise<Issue> {
    const asked = await readBodyToken('resource', () => verifyResourceToken(`${body.resource_token}`));
    const presented = await readBodyToken('presented', () => verifyPresented(`${body.presented_token}`));
    const upstream = await readUpstream(body.upstream_token, agent);
    const agrees =
      asked.presentedJti === presented.jti &&
      asked.subject === presented.subject &&
      asked.issuer === presented.audience &&
      asked.agentJkt === agent.key.thumbprint &&
      presented.key.thumbprint === agent.key.thumbprint;
    if (!agrees) throw new TokenRequestError('invalid_resource_token', 'The two tokens disagree.');
    return async () => {
      const { token, expiresAt } = await issueAuthToken({
        issuer,
        dwk: 'aauth-person.json',
        audience: asked.issuer,
        subject: asked.subject,
        personServer: issuer,
        scope: self.narrow(asked.scope),
        account: asked.account,
        key,
        cnf: agent.key.publicJwk,
        now,
        notAfter: [agent.expiresAt, presented.expiresAt, ...(upstream ? [upstream.expiresAt] : [])],
        ...self.authClaims,
      });
      return Response.json({ auth_token: token, expires_in: expiresAt - now() });
    };
  }

  async function readUpstream(
    compact: unknown,
    agent: VerifiedAgentToken,
  ): Promise<VerifiedPersonToken | VerifiedAuthToken | undefined> {
    if (compact === undefined) return undefined;
    const upstream = await readBodyToken('upstream', () => verifyPresented(`${compact}`));
    if (upstream.audience === agent.issuer) return upstream;
    throw new TokenRequestError('invalid_upstream_token', 'The upstream token is for somebody else.');
  }
}

/** A deferred response as a Fetch `Response`. */
export function toResponse({ status, headers, body }: PendingResponse): Response {
  return new Response(body, { status, headers });
}
