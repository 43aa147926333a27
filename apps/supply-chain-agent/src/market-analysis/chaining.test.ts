import { createA2AClient } from '@aauth-stack/a2a/client';
import { systemClock } from '@aauth-stack/aauth/clock';
import { PolicyError } from '@aauth-stack/aauth/errors';
import { proxySecretHeader } from '@aauth-stack/aauth/resource';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startChain } from '../../test/chain.ts';
import { forwarded } from '../../test/forwarded.ts';
import { sixMonths } from '../../test/market-analysis.ts';
import { callerKey, forwardedToken, withHeaders } from '../../test/person-caller.ts';
import { startPersonServer } from '../../test/person-server.ts';

type Chain = Awaited<ReturnType<typeof startChain>>;

let chain: Chain;
let agent: Chain['agent'];
let agentProvider: Chain['agentProvider'];
let personServer: Chain['personServer'];
let proxy: Chain['proxy'];

beforeEach(async () => {
  chain = await startChain();
  ({ agent, agentProvider, personServer, proxy } = chain);
});

afterEach(() => chain.close());

const grantFor = (person: string) => chain.grantFor(person);
const personTokenFor = (person: string) => chain.personTokenFor(person);

async function ask(headers: Record<string, string>, url = agent.url) {
  const reply = await createA2AClient({ url, fetch: withHeaders(headers) }).send('perform market analysis');
  return { text: reply.text, data: reply.data ?? {} };
}

const chained = (endpoint: string) => ({
  endpoint,
  agent: `aauth:supply-chain-agent@${new URL(agent.identifier).host}`,
  chained: true,
});

describe('a caller who presents a token of a person', () => {
  it.each([
    ['an auth token', 'authorized', grantFor, ['supply-chain:check', 'supply-chain:read']],
    ['a person token', 'person', personTokenFor, []],
  ])('%s: the market-analysis agent is called for the same person', async (_what, level, tokenFor, granted) => {
    const { token, claims } = await tokenFor('alice');
    const { data, text } = await ask(forwardedToken(token));
    expect(data).toMatchObject({ market_analysis: sixMonths(), totals: { quantity: 10, cost: 25_000 } });
    expect(personServer.asked).toEqual([chained('person-token'), chained('auth-token')]);

    // The same person goes by another identifier there.
    const subject = personServer.directed('alice', proxy.identifier);
    expect(subject).not.toBe(claims.sub);
    expect(proxy.callers).toEqual([
      expect.objectContaining({
        'x-aauth-level': 'authorized',
        'x-aauth-person-server': personServer.issuer,
        'x-aauth-sub': subject,
        'x-aauth-scope': 'market-analysis:analyze',
      }),
    ]);
    expect(data).toMatchObject({
      requested_by: {
        level,
        agent: null,
        agent_provider: null,
        person_server: personServer.issuer,
        subject: claims.sub,
        scope: granted,
      },
    });
    expect(text).toContain(`- **Requested by**: person ${claims.sub} of ${personServer.issuer}`);
    expect(JSON.stringify([data, text, chain.captured.lines()])).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  });

  it('W10: asks the person server once for all calls with the same token, and again for another', async () => {
    const [first, second] = [await grantFor('alice'), await grantFor('alice')];
    await Promise.all([1, 2, 3].map(() => ask(forwardedToken(first.token))));
    await ask(forwardedToken(first.token));
    expect(personServer.asked).toHaveLength(2);
    await ask(forwardedToken(second.token));
    expect(personServer.asked).toHaveLength(4);
    expect(proxy.callers).toHaveLength(5);
  });

  it('never mixes persons', async () => {
    const tokens = await Promise.all(['alice', 'bob'].map(grantFor));
    await Promise.all(tokens.flatMap(({ token }) => [ask(forwardedToken(token)), ask(forwardedToken(token))]));
    const expected = ['alice', 'alice', 'bob', 'bob'].map((person) => personServer.directed(person, proxy.identifier));
    expect(proxy.callers.map((caller) => caller['x-aauth-sub']).sort()).toEqual(expected.sort());
  });

  it('is served the same by a replica and after a restart, which are the same agent', async () => {
    const { token } = await grantFor('alice');
    expect((await ask(forwardedToken(token))).data).toMatchObject({ market_analysis: sixMonths() });
    const replica = await chain.startAgent({ identifier: agent.identifier });
    const [keys, itsKeys] = await Promise.all(
      [agent, replica].map(async ({ url }) => (await fetch(`${url}/.well-known/aauth-agent-jwks.json`)).json()),
    );
    expect(itsKeys).toEqual(keys);
    expect((await ask(forwardedToken(token), replica.url)).data).toMatchObject({ market_analysis: sixMonths() });
    expect(new Set(personServer.asked.map((asked) => asked.agent)).size).toBe(1);
    expect(new Set(proxy.callers.map((caller) => caller['x-aauth-sub'])).size).toBe(1);
  });
});

describe('a caller who presents an agent token', () => {
  it('is served with this agent’s own access, whatever the market-analysis agent requires', async () => {
    const { data } = await ask(forwarded);
    expect(data).toMatchObject({ market_analysis: sixMonths(), requested_by: { level: 'identified' } });
    const own = { agent: agentProvider.agent, chained: false };
    expect(personServer.asked).toEqual([
      { endpoint: 'person-token', ...own },
      { endpoint: 'auth-token', ...own },
    ]);
    expect(proxy.callers[0]?.['x-aauth-sub']).toBe(personServer.directed('alice', proxy.identifier));
  });
});

describe('W11: the report says why the market-analysis agent could not be called for the person', () => {
  const unavailable = async (headers: Record<string, string>, url?: string) => {
    const { data, text } = await ask(headers, url);
    const { market_analysis: analysis } = data;
    const reason = typeof analysis === 'object' && analysis && 'unavailable' in analysis ? analysis.unavailable : '';
    expect(text).toContain(`No market analysis provided (${reason})`);
    expect(proxy.callers).toEqual([]);
    return reason;
  };

  it('the proxy does not pass the token on, and this agent does not use its own access instead', async () => {
    const { 'x-aauth-token': _token, ...headers } = forwardedToken((await grantFor('alice')).token);
    expect(await unavailable(headers)).toMatch(/^invalid_upstream_token: .*forward_token/);
    expect(personServer.asked).toEqual([]);
  });

  it('the token is for another resource', async () => {
    const elsewhere = await chain.grantFor('alice', proxy.identifier);
    expect(await unavailable(forwardedToken(elsewhere.token))).toMatch(/^HTTP 400 invalid_upstream_token: /);
  });

  it('the token has been changed to name somebody else', async () => {
    const tokens = await Promise.all(['alice', 'bob'].map(personTokenFor));
    const [header, , signature] = tokens[0]?.token.split('.') ?? [];
    const forged = [header, tokens[1]?.token.split('.')[1], signature].join('.');
    expect(await unavailable(forwardedToken(forged))).toMatch(/^HTTP 400 invalid_upstream_token: /);
  });

  it('the person server that the token names is not accepted there', async () => {
    const stranger = await startPersonServer(agentProvider.issuer);
    onTestFinished(() => stranger.close());
    const { token } = await stranger.authToken('alice', agent.identifier, callerKey.publicJwk, ['supply-chain:read']);
    expect(await unavailable(forwardedToken(token))).toMatch(/^HTTP 401 invalid_jwt: /);
    expect(stranger.asked).toEqual([chained('person-token')]);
    expect(personServer.asked).toEqual([]);
  });

  it('the token has expired', async () => {
    const twoHoursAgo = () => systemClock() - 7200;
    const { token } = await personServer.personToken('alice', agent.identifier, callerKey.publicJwk, twoHoursAgo);
    expect(await unavailable(forwardedToken(token))).toMatch(/^HTTP 400 expired_upstream_token: /);
  });

  it('the token has been revoked', async () => {
    const { token, jti } = await grantFor('alice');
    personServer.revoke(jti);
    expect(await unavailable(forwardedToken(token))).toMatch(/^HTTP 400 revoked_upstream_token: /);
  });

  it('the token is neither a person token nor an auth token', async () => {
    const headers = { ...forwardedToken((await grantFor('alice')).token), 'x-aauth-token': 'not a token' };
    expect(await unavailable(headers)).toMatch(/^invalid_upstream_token: /);
    expect(personServer.asked).toEqual([]);
  });

  it('the person server refuses', async () => {
    personServer.refuseWith(new PolicyError('user_unreachable', 'alice must be asked, and cannot be.'));
    const reason = await unavailable(forwardedToken((await grantFor('alice')).token));
    expect(reason).toMatch(/^HTTP 403 user_unreachable: .*alice must be asked, and cannot be\./);
  });

  it('the person must be asked, and the caller cannot bring them anywhere', async () => {
    personServer.askPerson();
    const reason = await unavailable(forwardedToken((await grantFor('alice')).token));
    expect(reason).toMatch(/^HTTP 403 user_unreachable: .*the agent cannot bring them here/);
    expect(personServer.pending).toEqual([]);
  });

  it('the person server is down: said at once', async () => {
    const { token } = await grantFor('alice');
    await personServer.close();
    const started = performance.now();
    expect(await unavailable(forwardedToken(token))).toContain(
      `temporarily_unavailable: The Person Server at ${personServer.issuer} cannot be reached: `,
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

it('W6: a token that somebody else than the proxy sends is used for nothing', async () => {
  const { [proxySecretHeader]: _secret, ...forged } = forwardedToken((await grantFor('alice')).token);
  const response = await fetch(agent.url, {
    method: 'POST',
    headers: { ...forged, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: {} }),
  });
  expect(response.status).toBe(403);
  expect(personServer.asked).toEqual([]);
  expect(proxy.callers).toEqual([]);
});
