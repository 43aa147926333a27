import { describe, expect, it, onTestFinished } from 'vitest';
import { identifiers, startAgentProvider, type TestAgentProvider } from '../../test/support/enrolment-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { createTestTime } from '../../test/support/time.ts';
import { UnavailableError } from '../errors.ts';
import { parseAgentIdentifier, parseServerIdentifier } from '../identifiers.ts';
import { createHttpFetch } from '../node/fetch.ts';
import { nodeKeys } from '../node/keys.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';
import { createAgentSession } from './session.ts';
import type { AgentSessionOptions } from './session-types.ts';

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: object;
}

function createLog() {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  return { lines, log: { info: write('info'), warn: write('warn'), error: write('error') } };
}

async function setUp(options: Partial<AgentSessionOptions> = {}) {
  const time = createTestTime();
  const provider = await startAgentProvider(time.now);
  const fetch = createHttpFetch();
  onTestFinished(fetch.close);
  const { lines, log } = createLog();
  const stableKey = await createKey();
  const create = (changes: Partial<AgentSessionOptions> = {}) => {
    const session = createAgentSession({
      provider: provider.issuer,
      agentName: 'Test agent',
      stableKey,
      fetch,
      keys: nodeKeys,
      now: time.now,
      sleep: time.sleep,
      log,
      ...options,
      ...changes,
    });
    onTestFinished(session.stop);
    return session;
  };
  const session = create();
  const refreshes = () => provider.verified.filter((request) => request === 'POST /refresh').length;
  return { time, provider, session, create, lines, stableKey, refreshes };
}

/** A session that has its first token, which ends in an hour, and sleeps until it is to be renewed. */
async function setUpEnrolled(options: Partial<AgentSessionOptions> = {}) {
  const parts = await setUp(options);
  parts.provider.decision = 'approved';
  parts.session.start();
  await parts.session.ready;
  expect(await parts.time.nextSleep()).toBe(3300);
  return parts;
}

/** Token and key belong together. */
function expectPair({ token, key }: { token: string; key: { publicJwk: { x: string } } }): void {
  expect(decodeTokenForDisplay(token)?.claims).toMatchObject({ cnf: { jwk: { x: key.publicJwk.x } } });
}

const hold = (): { promise: Promise<undefined>; release(): void } => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const release = () => resolve(undefined);
  onTestFinished(release);
  return { promise, release };
};

describe('enrolment', () => {
  it('registers with both keys, waits for the person, and polls until there is a token', async () => {
    const { time, provider, session, lines, stableKey } = await setUp();
    expect(session.status().state).toBe('starting');
    expect(provider.server.received).toHaveLength(0);
    session.start();
    session.start();
    expect(await time.nextSleep()).toBe(2);
    expect(session.status()).toMatchObject({ state: 'pending', detail: expect.stringContaining(stableKey.thumbprint) });
    time.advance(2);
    expect(await time.nextSleep()).toBe(2);
    provider.decision = 'approved';
    time.advance(2);
    await session.ready;
    expect(provider.verified).toEqual(['POST /register', 'GET /register/pending/1', 'GET /register/pending/1']);
    expect(new Set(provider.ephemeralKeys).size).toBe(1);
    const [, register, firstPoll] = provider.server.received;
    expect(JSON.parse(new TextDecoder().decode(register?.body))).toEqual({ agent_name: 'Test agent' });
    expect(firstPoll?.headers.get('prefer')).toBe('wait=30');
    const credentials = await session.credentials();
    expect(credentials.token).toBe(provider.tokens[0]);
    expectPair(credentials);
    expect(session.status()).toMatchObject({
      state: 'enrolled',
      agent: credentials.agent,
      expiresAt: time.now() + 3600,
    });
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      `info: "Test agent" enrols at ${provider.issuer} with the key urn:jkt:sha-256:${stableKey.thumbprint}`,
      `info: Waiting for the person to approve "Test agent" at the person server of ${provider.issuer}; its key is urn:jkt:sha-256:${stableKey.thumbprint}.`,
      `info: enrolled as ${credentials.agent}`,
    ]);
    expect(JSON.stringify(lines)).not.toContain(credentials.token);
  });

  it('sends what it was told about person server and callback', async () => {
    const personServer = parseServerIdentifier('http://person-server.localhost:8765', identifiers);
    const callback = 'http://localhost:1/callback';
    const { provider, session } = await setUp({ personServer, callback });
    provider.decision = 'approved';
    provider.claims = { personServer };
    session.start();
    await session.ready;
    const [, register] = provider.server.received;
    expect(JSON.parse(new TextDecoder().decode(register?.body))).toEqual({
      agent_name: 'Test agent',
      ps: personServer,
      callback,
    });
  });

  it('gives a restarted agent with the same stable key the same identity at once', async () => {
    const { session, create } = await setUpEnrolled();
    const before = await session.credentials();
    session.stop();
    const restarted = create();
    restarted.start();
    await restarted.ready;
    const after = await restarted.credentials();
    expect(after.agent).toBe(before.agent);
    expect(after.token).not.toBe(before.token);
    expect(after.key.thumbprint).not.toBe(before.key.thumbprint);
  });

  it('refuses credentials until there are some, and says why', async () => {
    const { time, session } = await setUp();
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    session.start();
    await time.nextSleep();
    await expect(session.credentials()).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('Waiting for the person to approve "Test agent"'),
    });
  });

  it.each(['', 'x'.repeat(257)])('refuses a name of a length that cannot be', async (agentName) => {
    await expect(setUp({ agentName })).rejects.toThrow(TypeError);
  });
});

describe('W11: a session never dies silently', () => {
  it('asks again five minutes after the person denied it', async () => {
    const { time, provider, session, lines } = await setUp();
    provider.decision = 'denied';
    session.start();
    expect(await time.nextSleep()).toBe(300);
    expect(session.status()).toMatchObject({
      state: 'denied',
      detail: expect.stringContaining('The enrolment is denied.'),
    });
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('Trying again in 300 s') });
    await expect(session.credentials()).rejects.toMatchObject({ status: 503, retryAfter: 300 });
    provider.decision = 'approved';
    time.advance(300);
    await session.ready;
    expect(session.status().state).toBe('enrolled');
  });

  it('asks again soon when nobody decided in time, or the provider forgot the request', async () => {
    const { time, provider, session } = await setUp();
    session.start();
    expect(await time.nextSleep()).toBe(2);
    provider.decision = 'expired';
    time.advance(2);
    expect(await time.nextSleep()).toBe(1);
    expect(session.status().state).toBe('retrying');
    provider.decision = 'pending';
    time.advance(1);
    expect(await time.nextSleep()).toBe(2);
    expect(session.status().state).toBe('pending');
    provider.instead = ({ target }) =>
      target.startsWith('/register/pending/') ? Response.json({ error: 'not_found' }, { status: 404 }) : undefined;
    time.advance(2);
    expect(await time.nextSleep()).toBe(2);
    provider.instead = undefined;
    provider.decision = 'approved';
    time.advance(2);
    await session.ready;
    expect(provider.verified.filter((request) => request === 'POST /register')).toHaveLength(3);
  });

  it('tries again while the provider is down, 1 s doubling to 60 s, and says what it waits for', async () => {
    const { time, provider, session, lines } = await setUp();
    provider.instead = () => 'drop';
    provider.decision = 'approved';
    session.start();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const pause = await time.nextSleep();
      pauses.push(pause);
      time.advance(pause);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    await time.nextSleep();
    expect(session.status().state).toBe('retrying');
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(
        /^"Test agent" waits for its agent token from http:.* cannot be reached: .* Trying again in 60 s\.$/,
      ),
    });
    provider.instead = undefined;
    time.advance(60);
    await session.ready;
    expect(await time.nextSleep()).toBe(3300);
    provider.instead = () => 'drop';
    time.advance(3300);
    expect(await time.nextSleep()).toBe(1);
  });

  it('comes back when the provider tells it to', async () => {
    const { time, provider, session } = await setUp();
    provider.instead = () => new Response(null, { status: 503, headers: { 'retry-after': '17' } });
    session.start();
    expect(await time.nextSleep()).toBe(17);
    provider.instead = ({ target }) =>
      target === '/register' ? Response.json({ error: 'rate_limited' }, { status: 429 }) : undefined;
    time.advance(17);
    expect(await time.nextSleep()).toBe(2);
  });

  it('goes on polling through a restart of the provider', async () => {
    const { time, provider, session, lines } = await setUp();
    session.start();
    expect(await time.nextSleep()).toBe(2);
    provider.instead = () => 'drop';
    time.advance(2);
    expect(await time.nextSleep()).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining("the person's decision") });
    provider.instead = undefined;
    provider.decision = 'approved';
    time.advance(1);
    await session.ready;
    expect(provider.verified).toEqual(['POST /register', 'GET /register/pending/1']);
  });

  it('gives up a provider that does not answer', async () => {
    const { time, provider, session } = await setUp({ requestTimeout: 0.05 });
    const { promise } = hold();
    provider.instead = () => promise;
    session.start();
    expect(await time.nextSleep()).toBe(1);
    expect(session.status()).toMatchObject({ state: 'retrying', detail: expect.stringContaining('cannot be reached') });
  });

  it('reports a stable key that cannot sign, and tries again', async () => {
    const key = await createKey();
    const sign = () => Promise.reject(new Error('the key store is locked'));
    const { time, session, lines } = await setUp({ stableKey: { ...key, sign } });
    session.start();
    expect(await time.nextSleep()).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('the key store is locked') });
    expect(session.status().state).toBe('retrying');
  });
});

describe('a provider that misbehaves', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://elsewhere.example' }],
    ['no issuer', { issuer: undefined }],
    ['no registration endpoint', { registration_endpoint: undefined }],
    ['an endpoint without transport security', { registration_endpoint: 'http://elsewhere.example/register' }],
    ['an endpoint that is no URL', { refresh_endpoint: '/refresh' }],
  ])('with metadata that has %s is not asked for a token', async (_, members) => {
    const { time, provider, session, lines } = await setUp();
    provider.decision = 'approved';
    const { issuer } = provider;
    const metadata = { issuer, registration_endpoint: `${issuer}/register`, refresh_endpoint: `${issuer}/refresh` };
    provider.instead = ({ target }) =>
      target.startsWith('/.well-known/') ? Response.json({ ...metadata, ...members }) : undefined;
    session.start();
    expect(await time.nextSleep()).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('aauth-agent.json') });
    expect(provider.verified).toEqual([]);
    provider.instead = ({ target }) => (target.startsWith('/.well-known/') ? Response.json(metadata) : undefined);
    time.advance(1);
    await session.ready;
  });

  it.each<[string, () => Promise<TestAgentProvider['claims']>]>([
    [
      'another issuer',
      async () => ({
        issuer: parseServerIdentifier('https://ap2.example', identifiers),
        subject: parseAgentIdentifier('aauth:test-agent@ap2.example').id,
      }),
    ],
    ['another key', async () => ({ cnf: (await createKey()).publicJwk })],
    [
      'another person server',
      async () => ({ personServer: parseServerIdentifier('https://ps2.example', identifiers) }),
    ],
    ['no person server', async () => ({ personServer: undefined })],
    ['an expiry in the past', async () => ({ now: () => 1_789_000_000 })],
    ['an issue date in the future', async () => ({ now: () => 1_790_000_100 })],
  ])('and issues a token with %s is not believed', async (_, claims) => {
    const personServer = parseServerIdentifier('https://ps.example', identifiers);
    const { time, provider, session, lines } = await setUp({ personServer });
    provider.decision = 'approved';
    provider.claims = { personServer, ...(await claims()) };
    session.start();
    expect(await time.nextSleep()).toBe(1);
    expect(provider.tokens).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('cannot be used') });
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    provider.claims = { personServer };
    time.advance(1);
    await session.ready;
  });

  it.each<[string, () => Response]>([
    ['no agent_token', () => Response.json({})],
    ['an agent_token that is no text', () => Response.json({ agent_token: 1 })],
    ['no JWT', () => Response.json({ agent_token: 'a.b.c' })],
    ['a page', () => new Response('<html>')],
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } })],
    ['400', () => Response.json({ error: 'invalid_request', detail: 'agent_name is a text.' }, { status: 400 })],
    ['401', () => new Response(null, { status: 401, headers: { 'signature-error': 'error=unsupported_scheme' } })],
  ])('and answers a registration with %s is asked again', async (_, response) => {
    const { time, provider, session, lines } = await setUp();
    provider.decision = 'approved';
    provider.instead = ({ target }) => (target === '/register' ? response() : undefined);
    session.start();
    expect(await time.nextSleep()).toBe(1);
    expect(lines.at(-1)?.level).toBe('error');
    provider.instead = undefined;
    time.advance(1);
    await session.ready;
  });

  it('is not sent the agent token or the keys anywhere else', async () => {
    const { time, provider, session } = await setUp();
    session.start();
    await time.nextSleep();
    provider.instead = () => new Response(null, { status: 202, headers: { location: 'https://elsewhere.example/1' } });
    time.advance(2);
    expect(await time.nextSleep()).toBe(1);
    expect(session.status().detail).toContain('another origin');
  });
});

describe('renewal', () => {
  it('happens with five minutes left, for a new ephemeral key', async () => {
    const { time, provider, session, lines } = await setUpEnrolled();
    const before = await session.credentials();
    time.advance(3299);
    expect(await session.credentials()).toBe(before);
    time.advance(1);
    expect(await time.nextSleep()).toBe(3300);
    const after = await session.credentials();
    expect(after.token).toBe(provider.tokens[1]);
    expect(after.key.thumbprint).not.toBe(before.key.thumbprint);
    expect(after.agent).toBe(before.agent);
    expectPair(before);
    expectPair(after);
    expect(session.status().expiresAt).toBe(time.now() + 3600);
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: `renewed the agent token of ${after.agent}` });
    expect(provider.verified).toEqual(['POST /register', 'POST /refresh']);
  });

  it('happens at half the life of a token that lives shorter than ten minutes', async () => {
    const { time, provider, session } = await setUp();
    provider.decision = 'approved';
    provider.lifetime = 60;
    session.start();
    await session.ready;
    expect(await time.nextSleep()).toBe(30);
  });

  it('is under way only once, however many requests wait for it', async () => {
    const { time, provider, session, refreshes } = await setUpEnrolled();
    const before = await session.credentials();
    const { promise, release } = hold();
    provider.instead = ({ target }) => (target === '/refresh' ? promise : undefined);
    time.advance(3300);
    const waiting = Array.from({ length: 50 }, () => session.credentials());
    release();
    const renewed = await Promise.all(waiting);
    expect(new Set(renewed.map(({ token }) => token)).size).toBe(1);
    expect(renewed[0]?.token).not.toBe(before.token);
    expect(refreshes()).toBe(1);
  });

  it('W12: swaps token and key together, whenever credentials are asked for', async () => {
    const { time, session, refreshes } = await setUpEnrolled();
    for (let round = 1; round <= 5; round += 1) {
      const early = session.credentials();
      time.advance(3300);
      const requests = [early, ...Array.from({ length: 10 }, () => session.credentials())];
      expect(await time.nextSleep()).toBe(3300);
      requests.push(session.credentials());
      for (const credentials of await Promise.all(requests)) {
        expectPair(credentials);
        expect(Object.isFrozen(credentials)).toBe(true);
      }
      expect(refreshes()).toBe(round);
    }
  });

  it('leaves the old token in use while the provider is down, as long as it is valid', async () => {
    const { time, provider, session } = await setUpEnrolled();
    const before = await session.credentials();
    provider.instead = () => 'drop';
    time.advance(3300);
    expect(await session.credentials()).toBe(before);
    expect(await time.nextSleep()).toBe(1);
    const asked = provider.server.received.length;
    for (let index = 0; index < 10; index += 1) expect(await session.credentials()).toBe(before);
    expect(provider.server.received).toHaveLength(asked);
    expect(session.status()).toMatchObject({ state: 'retrying', agent: before.agent });
    time.advance(300);
    expect(await time.nextSleep()).toBe(2);
    await expect(session.credentials()).rejects.toMatchObject({ name: 'UnavailableError', retryAfter: 2 });
    provider.instead = undefined;
    time.advance(2);
    expect(await time.nextSleep()).toBe(3300);
    expect((await session.credentials()).token).toBe(provider.tokens[1]);
    expect(session.status().state).toBe('enrolled');
  });

  it('happens once when many requests report the token as expired', async () => {
    const { provider, session, refreshes } = await setUpEnrolled();
    const { token } = await session.credentials();
    const refused = { token, code: 'expired_jwt' } as const;
    const renewed = await Promise.all(Array.from({ length: 50 }, () => session.credentials({ refused })));
    expect(new Set(renewed.map((credentials) => credentials.token))).toEqual(new Set([provider.tokens[1]]));
    expect((await session.credentials({ refused })).token).toBe(provider.tokens[1]);
    expect(refreshes()).toBe(1);
  });

  it('that fails leaves a token in use which one server called expired, and no revoked one', async () => {
    const { time, provider, session } = await setUpEnrolled();
    const before = await session.credentials();
    provider.instead = () => 'drop';
    expect(await session.credentials({ refused: { token: before.token, code: 'expired_jwt' } })).toBe(before);
    expect(await time.nextSleep()).toBe(1);
    const revoked = { refused: { token: before.token, code: 'revoked_jwt' } } as const;
    await expect(session.credentials(revoked)).rejects.toThrow(UnavailableError);
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    provider.instead = undefined;
    time.advance(1);
    expect(await time.nextSleep()).toBe(3300);
    expect((await session.credentials()).token).toBe(provider.tokens[1]);
  });

  it('that the provider refuses because the agent is revoked ends the use of its token', async () => {
    const { time, provider, session, lines } = await setUpEnrolled();
    provider.decision = 'revoked';
    time.advance(3300);
    await expect(session.credentials()).rejects.toMatchObject({ name: 'DeferredError', code: 'revoked' });
    expect(await time.nextSleep()).toBe(300);
    expect(session.status().state).toBe('denied');
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('The agent was revoked.') });
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    time.advance(300);
    expect(await time.nextSleep()).toBe(300);
    expect(provider.verified.slice(-2)).toEqual(['POST /refresh', 'POST /register']);
    provider.decision = 'approved';
    time.advance(300);
    expect(await time.nextSleep()).toBe(3300);
    expect((await session.credentials()).token).toBe(provider.tokens[1]);
  });

  it('that finds the agent unknown enrols it again, with the old token in use meanwhile', async () => {
    const { time, provider, session } = await setUpEnrolled();
    const before = await session.credentials();
    provider.decision = 'pending';
    provider.instead = ({ target }) =>
      target === '/refresh' ? Response.json({ error: 'denied', detail: 'No such agent.' }, { status: 403 }) : undefined;
    time.advance(3300);
    expect(await time.nextSleep()).toBe(1);
    time.advance(1);
    expect(await time.nextSleep()).toBe(2);
    expect(session.status()).toMatchObject({ state: 'pending', agent: before.agent });
    expect(await session.credentials()).toBe(before);
    provider.decision = 'approved';
    time.advance(2);
    expect(await time.nextSleep()).toBe(3300);
    expect((await session.credentials()).token).toBe(provider.tokens[1]);
  });
});

describe('a stopped session', () => {
  it('ends the wait for the person, and its promise to be ready', async () => {
    const { time, provider, session } = await setUp();
    session.start();
    await time.nextSleep();
    session.stop();
    await expect(session.ready).rejects.toMatchObject({ name: 'AbortError' });
    expect(session.status().state).toBe('stopped');
    expect(time.sleepers).toBe(0);
    session.start();
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    expect(provider.verified).toEqual(['POST /register']);
  });

  it('ends a request under way without a word of complaint', async () => {
    const { time, provider, session, lines } = await setUp();
    const { promise } = hold();
    const arrived = Promise.withResolvers<void>();
    provider.instead = () => {
      arrived.resolve();
      return promise;
    };
    session.start();
    await arrived.promise;
    session.stop();
    await expect(session.ready).rejects.toMatchObject({ name: 'AbortError' });
    expect(time.sleepers).toBe(0);
    expect(lines.map(({ level }) => level)).toEqual(['info']);
    expect(session.status().state).toBe('stopped');
  });

  it('hands out its token while it is valid, and renews it no more', async () => {
    const { time, session, refreshes } = await setUpEnrolled();
    const credentials = await session.credentials();
    session.stop();
    expect(time.sleepers).toBe(0);
    time.advance(3599);
    expect(await session.credentials()).toBe(credentials);
    time.advance(1);
    await expect(session.credentials()).rejects.toThrow(UnavailableError);
    expect(refreshes()).toBe(0);
  });
});
