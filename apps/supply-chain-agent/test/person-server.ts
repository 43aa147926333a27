import type { Clock } from '@aauth-stack/aauth/clock';
import { type AAuthError, PolicyError, TokenRequestError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { PublicJwk } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { problemResponse } from '@aauth-stack/aauth/problem';
import { type AgentPrincipal, createResource } from '@aauth-stack/aauth/resource';
import {
  createResourceTokenVerifier,
  createTokenVerifier,
  issueAuthToken,
  issuePersonToken,
  readBodyToken,
  tokenTypes,
} from '@aauth-stack/aauth/tokens';
import { type Answer, createPendingRequests } from '@aauth-stack/by-hand';
import { serve } from '@aauth-stack/service/http';
import { Hono } from 'hono';
import { z } from 'zod';
import { discovery, identifiers, log } from './surroundings.ts';

const question = z.looseObject({
  resource: z.string().optional(),
  resource_token: z.string().optional(),
  presented_token: z.string().optional(),
  upstream_token: z.string().optional(),
  capabilities: z.array(z.string()).optional(),
  justification: z.string().optional(),
});

/** What a person server was asked. */
export interface Asked {
  endpoint: string;
  agent: string;
  chained: boolean;
}

/**
 * A person server that grants whatever resources ask for. Every agent of `agentProvider` is alice's; a resource that is its own
 * agent provider acts for the person of its upstream token, and for nobody without one.
 */
export async function startPersonServer(agentProvider: ServerIdentifier) {
  const key = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'ps-1' });
  const app = new Hono();
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  const issuer = parseServerIdentifier(server.url, identifiers);
  const verification = { discovery, identifiers, keys: nodeKeys };
  const agents = createResource({ ...verification, identifier: issuer, requireBodyCoverage: true });
  const verifyResourceToken = createResourceTokenVerifier(verification);
  const asked: Asked[] = [];
  /** Who a directed identifier stands for, by resource and identifier. */
  const persons = new Map<string, string>();
  const revoked = new Set<string>();
  let refusal: AAuthError | undefined;
  let isAsking = false;
  const pending = createPendingRequests(() => issuer);

  app.get('/.well-known/aauth-person.json', (c) =>
    c.json({
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      person_token_endpoint: `${issuer}/person-token`,
      auth_token_endpoint: `${issuer}/auth-token`,
    }),
  );
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [{ ...key.publicJwk, kid: 'ps-1' }] }));

  app.onError((error) => problemResponse(error));

  app.on(['GET', 'POST', 'DELETE'], '/pending/:index', async (c) => {
    const { agent } = await verifyAgent(c.req.raw);
    const { method, path } = c.req;
    return toResponse(await pending.answer({ method, path, agent, body: () => c.req.json() }));
  });

  app.post('/:endpoint{person-token|auth-token}', async (c) => {
    const agent = await verifyAgent(c.req.raw);
    const body = question.parse(await c.req.json());
    const endpoint = c.req.param('endpoint');
    asked.push({ endpoint, agent: agent.agent, chained: body.upstream_token !== undefined });
    if (refusal) throw refusal;
    const person = await personFor(agent, body.upstream_token);
    const issue = async () => {
      if (endpoint === 'person-token') {
        const audience = parseServerIdentifier(body.resource, identifiers);
        const { token } = await personToken(person, audience, agent.publicJwk);
        return { status: 200, body: { person_token: token, expires_in: 3600 } };
      }
      const { token } = await exchange(person, agent, body.resource_token ?? '', body.presented_token ?? '');
      return { status: 200, body: { auth_token: token, expires_in: 3600 } };
    };
    return toResponse(isAsking ? pending.open({ endpoint, agent: agent.agent, body }, issue) : await issue());
  });

  async function verifyAgent(request: Request): Promise<AgentPrincipal> {
    const verdict = await agents.verifyRequest(request);
    if (!verdict.ok) throw verdict.error;
    const { principal } = verdict;
    if (principal.scheme === 'jwt' && 'agent' in principal) return principal;
    throw new PolicyError('denied', 'That is not an agent.');
  }

  async function personFor(agent: AgentPrincipal, upstreamToken: string | undefined): Promise<string> {
    if (upstreamToken === undefined) {
      if (agent.agentProvider === agentProvider) return 'alice';
      throw new PolicyError('denied', `${agent.agentProvider} is nobody's agent provider here.`);
    }
    const verify = createTokenVerifier({
      ...verification,
      accepts: [tokenTypes.person, tokenTypes.auth],
      audience: agent.agentProvider,
      personServers: [{ issuer }],
      revoked: ({ jti }) => revoked.has(jti),
    });
    const token = await readBodyToken('upstream', () => verify(upstreamToken));
    const person = persons.get(`${token.audience} ${token.subject}`);
    if (!person) throw new TokenRequestError('invalid_upstream_token', 'The upstream token names nobody.');
    return person;
  }

  function directed(person: string, audience: ServerIdentifier): string {
    const subject = Buffer.from(`${person} at ${audience}`).toString('base64url');
    persons.set(`${audience} ${subject}`, person);
    return subject;
  }

  function personToken(person: string, audience: ServerIdentifier, cnf: PublicJwk, now?: Clock) {
    const subject = directed(person, audience);
    return issuePersonToken({ issuer, audience, subject, cnf, key, notAfter: [], now });
  }

  /** An auth token as an agent of that person would have presented it to `audience`. */
  function authToken(person: string, audience: ServerIdentifier, cnf: PublicJwk, scope: string[]) {
    const subject = directed(person, audience);
    return issueAuthToken({ issuer, audience, subject, personServer: issuer, scope, cnf, key, notAfter: [] });
  }

  async function exchange(person: string, agent: AgentPrincipal, resourceToken: string, presentedToken: string) {
    const asks = await readBodyToken('resource', () => verifyResourceToken(resourceToken));
    const verify = createTokenVerifier({
      ...verification,
      accepts: [tokenTypes.person, tokenTypes.auth],
      audience: asks.issuer,
      personServers: [{ issuer }],
    });
    const presented = await readBodyToken('presented', () => verify(presentedToken));
    if (asks.agentJkt !== agent.jkt || asks.presentedJti !== presented.jti || asks.subject !== presented.subject) {
      throw new TokenRequestError('invalid_resource_token', 'The resource token is not for this agent and this token.');
    }
    if (asks.subject !== directed(person, asks.issuer)) throw new PolicyError('denied', 'That is another person.');
    return authToken(person, asks.issuer, agent.publicJwk, [...asks.scope]);
  }

  return {
    issuer,
    asked,
    directed,
    /** A person token as an agent of that person would have presented it to `audience`. */
    personToken,
    authToken,
    revoke: (jti: string) => revoked.add(jti),
    /** From now on every request for a token is refused. */
    refuseWith(error: AAuthError) {
      refusal = error;
    },
    /** From now on the person is asked about every request for a token. */
    askPerson() {
      isAsking = true;
    },
    /** The requests that the person was asked about, in order. */
    pending: pending.all,
    close: () => server.close(),
  };
}

function toResponse({ status, headers, body }: Answer): Response {
  return Response.json(body ?? null, { status, headers });
}
