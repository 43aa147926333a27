import { pendingResponse } from '../../src/deferred/pending-response.ts';
import { type AAuthError, DeferredError, PolicyError, SignatureError } from '../../src/errors.ts';
import {
  type AgentIdentifier,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '../../src/identifiers.ts';
import type { SigningKey, Thumbprint } from '../../src/keys/types.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import { problemResponse } from '../../src/problem.ts';
import { jktJwtScheme } from '../../src/signatures/jkt-jwt.ts';
import { createReplayCache, replayExpiry, replayId } from '../../src/signatures/replay.ts';
import { replayCaller } from '../../src/signatures/replay-caller.ts';
import { verifyMessage } from '../../src/signatures/verify.ts';
import { type AgentTokenOptions, issueAgentToken } from '../../src/tokens/agent-token.ts';
import type { PresentedToken } from '../../src/tokens/types.ts';
import { type Received, startServer, type TestServer } from './http-server.ts';
import { createKey } from './keys.ts';

export const identifiers = { allowLoopback: true };

/** An agent provider of a test: it verifies what it gets, and does as the test says. */
export interface TestAgentProvider {
  readonly issuer: ServerIdentifier;
  readonly server: TestServer;
  readonly key: SigningKey;
  /** The person's decision. */
  decision: 'pending' | 'approved' | 'denied' | 'expired' | 'revoked';
  /** Seconds. */
  lifetime: number;
  /** What the next token is to say instead. */
  claims: Partial<AgentTokenOptions>;
  /** Answers in its place; `undefined` leaves it to the provider. */
  instead: ((request: Received) => Response | 'drop' | undefined | Promise<Response | 'drop' | undefined>) | undefined;
  /** Of the requests that were verified, `METHOD /path`. */
  readonly verified: string[];
  /** The ephemeral key of each verified request. */
  readonly ephemeralKeys: Thumbprint[];
  /** Every token issued. */
  readonly tokens: string[];
}

export async function startAgentProvider(
  now: () => number,
  options: { port?: number } = {},
): Promise<TestAgentProvider> {
  const agents = new Set<Thumbprint>();
  const replays = createReplayCache({ maxEntries: 1000, now });
  const schemes = { 'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now }) };
  const server = await startServer(answer, options);
  const issuer = parseServerIdentifier(`http://agent-provider.localhost:${server.port}`, identifiers);
  const agent: AgentIdentifier = parseAgentIdentifier(`aauth:test-agent@agent-provider.localhost:${server.port}`).id;
  const provider: TestAgentProvider = {
    issuer,
    server,
    key: await createKey('ap-1'),
    decision: 'pending',
    lifetime: 3600,
    claims: {},
    instead: undefined,
    verified: [],
    ephemeralKeys: [],
    tokens: [],
  };
  return provider;

  async function answer(request: Received): Promise<Response | 'drop'> {
    const instead = await provider.instead?.(request);
    if (instead) return instead;
    if (request.target === '/.well-known/aauth-agent.json') {
      return Response.json({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        registration_endpoint: `${issuer}/register`,
        refresh_endpoint: `${issuer}/refresh`,
      });
    }
    if (request.target === '/.well-known/jwks.json') return Response.json({ keys: [provider.key.publicJwk] });
    try {
      return await serve(request);
    } catch (error) {
      return problemResponse(error);
    }
  }

  async function serve(request: Received): Promise<Response> {
    const { method, target, headers, body } = request;
    const authority = headers.get('host') ?? '';
    const message = { method, authority, path: target, query: '', headers };
    const signature = await verifyMessage<PresentedToken>(message, { schemes, now, body, requireBodyCoverage: true });
    if (
      method !== 'GET' &&
      !(await replays.claim(replayId(signature), replayExpiry(signature), replayCaller(signature)))
    ) {
      throw new SignatureError('invalid_signature', 'This is a replay.');
    }
    provider.verified.push(`${method} ${target}`);
    provider.ephemeralKeys.push(signature.jkt);
    if (signature.identity.scheme !== 'jkt-jwt') throw new Error('Another scheme was accepted.');
    const stableKey = signature.identity.stableKey.thumbprint;
    if (target === '/refresh') {
      if (provider.decision === 'revoked') throw new DeferredError('revoked', 'The agent was revoked.');
      if (!agents.has(stableKey)) throw new PolicyError('denied', 'No agent has that stable key.');
      return issue(signature);
    }
    if (provider.decision === 'pending') return pending();
    if (provider.decision !== 'approved') throw ending(provider.decision);
    agents.add(stableKey);
    return issue(signature);
  }

  async function issue({ publicJwk }: { publicJwk: AgentTokenOptions['cnf'] }): Promise<Response> {
    const { key, lifetime } = provider;
    const { token } = await issueAgentToken({
      issuer,
      subject: agent,
      key,
      cnf: publicJwk,
      lifetime,
      now,
      ...provider.claims,
    });
    provider.tokens.push(token);
    return Response.json({ agent_token: token, expires_in: lifetime });
  }
}

function pending(): Response {
  const { status, headers, body } = pendingResponse({ location: '/register/pending/1', retryAfter: 2 });
  return new Response(body, { status, headers });
}

function ending(decision: 'denied' | 'expired' | 'revoked'): AAuthError {
  return new DeferredError(decision, `The enrolment is ${decision}.`);
}
