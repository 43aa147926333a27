import { createHash } from 'node:crypto';
import { createServerFetch } from '@aauth-stack/aauth/agent';
import { createHttpFetch } from '@aauth-stack/aauth/node';
import { jwksUriSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newKey, startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';

let deployment: Deployment;
const httpFetch = createHttpFetch();

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2 });
});
afterAll(async () => {
  await deployment.stop();
  await httpFetch.close();
});
beforeEach(() => deployment.useReplica(0));

const path = '/agent-provider/events';
const event = { event: 'registration.created', id: 'e1' };
const body = new TextEncoder().encode(JSON.stringify(event));

interface Alterations {
  additionalComponents?: string[];
  headers?: Record<string, string>;
  created?: number;
  authority?: string;
  signedPath?: string;
  dwk?: (typeof metadataDocuments)[keyof typeof metadataDocuments];
  coverBody?: boolean;
  sent?: Uint8Array<ArrayBuffer>;
}

/** The headers and the body of a request that would be accepted, but for the alterations. */
async function signed(alterations: Alterations = {}): Promise<RequestInit & { headers: Record<string, string> }> {
  const { peer, origin, clock } = deployment;
  const { headers = {}, coverBody = true } = alterations;
  const fields = { 'content-type': 'application/json', ...headers };
  const signature = await signMessage(
    {
      method: 'POST',
      authority: alterations.authority ?? new URL(origin).host,
      path: alterations.signedPath ?? path,
      query: '',
      headers: new Headers(fields),
    },
    {
      key: peer.key,
      signatureKey: jwksUriSignatureKey({
        id: peer.issuer,
        dwk: alterations.dwk ?? metadataDocuments.agentProvider,
        kid: peer.key.kid ?? '',
      }),
      created: alterations.created ?? Math.floor(clock.now()),
      additionalComponents: alterations.additionalComponents ?? [],
      body: coverBody ? body : undefined,
    },
  );
  return { method: 'POST', headers: { ...fields, ...signature }, body: alterations.sent ?? body };
}

const send = (init: RequestInit) => deployment.request(path, init);

/** How many events were taken. */
const taken = () => deployment.log.lines().filter(({ msg }) => msg === 'The Agent Provider reports a change.').length;

describe('an event of the Agent Provider', () => {
  test('is taken: open pages learn that something changed, and the agents are listed again', async () => {
    const changes = async () => Object(await (await deployment.asPerson('/ui/changes')).json()).changes;
    deployment.useReplica(1);
    const before = await changes();
    deployment.useReplica(0);
    const lists = deployment.peer.requests.length;
    deployment.clock.advance(1);
    const response = await deployment.peer.post(event);
    expect(response.status).toBe(204);
    deployment.useReplica(1);
    await expect.poll(changes).toBeGreaterThan(before);
    await expect.poll(() => deployment.peer.requests.slice(lists)).toContain('GET /person/bindings');
    const line = deployment.log.lines().find(({ event, id }) => event === 'registration.created' && id === 'e1');
    expect(line).toMatchObject({ level: 'info', agentProvider: deployment.peer.issuer });
  });

  test('signed by hand as the tests below do is taken as well', async () => {
    deployment.clock.advance(1);
    expect((await send(await signed())).status).toBe(204);
  });
});

describe('W17: an event that is not the Agent Provider’s is refused, with a line in the log and nothing else', () => {
  async function expectRefused(response: Response, code: string) {
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('signature-error')).toMatch(new RegExp(`^error=${code}`));
    expect(await response.json()).toMatchObject({ error: code, type: `urn:ietf:params:sig-error:${code}` });
    const refusal = deployment.log
      .lines()
      .findLast(({ path: at, code: logged }) => at === path && logged !== undefined);
    expect(refusal).toMatchObject({ level: 'warn', code, status: 401 });
  }

  let before: number;
  beforeEach(() => {
    deployment.clock.advance(1);
    before = taken();
  });
  const expectNothingChanged = () => expect(taken()).toBe(before);

  test('unsigned', async () => {
    const response = await send({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await expectRefused(response, 'invalid_signature');
    expectNothingChanged();
  });

  test('with the portal token instead of a signature', async () => {
    const response = await deployment.asPerson(path, { method: 'POST', body });
    await expectRefused(response, 'invalid_signature');
    expectNothingChanged();
  });

  test('of another issuer, whose keys are not even fetched', async () => {
    const stranger = await startAgentProviderPeer(deployment.clock);
    stranger.personServer = deployment.origin;
    try {
      await expectRefused(await stranger.post(event), 'invalid_key');
    } finally {
      await stranger.stop();
    }
    expectNothingChanged();
  });

  test('of the provider in another role', async () => {
    await expectRefused(await send(await signed({ dwk: metadataDocuments.resource })), 'invalid_key');
    expectNothingChanged();
  });

  test('with a key that the provider does not publish', async () => {
    await expectRefused(await deployment.peer.post(event, { key: await newKey('forged') }), 'unknown_key');
    expectNothingChanged();
  });

  test('with another key under the published name', async () => {
    const key = await newKey(deployment.peer.key.kid ?? '');
    await expectRefused(await deployment.peer.post(event, { key }), 'invalid_signature');
    expectNothingChanged();
  });

  test('whose body is not covered', async () => {
    const response = await send(await signed({ coverBody: false }));
    expect(response.headers.get('signature-error')).toContain('"content-digest"');
    await expectRefused(response, 'invalid_input');
    expectNothingChanged();
  });

  test('whose body was changed', async () => {
    const sent = new TextEncoder().encode(JSON.stringify({ ...event, id: 'e2' }));
    await expectRefused(await send(await signed({ sent })), 'invalid_signature');
    const withNewDigest = await signed({ sent });
    withNewDigest.headers['content-digest'] = `sha-256=:${createHash('sha256').update(sent).digest('base64')}:`;
    await expectRefused(await send(withNewDigest), 'invalid_signature');
    expectNothingChanged();
  });

  test('W19: for another authority, whatever Host says', async () => {
    await expectRefused(await send(await signed({ authority: `127.0.0.1:${deployment.port}` })), 'invalid_signature');
    const throughOtherName = `http://127.0.0.1:${deployment.port}${path}`;
    const asSeenByHost = await signed({ authority: `127.0.0.1:${deployment.port}` });
    await expectRefused(await httpFetch(throughOtherName, asSeenByHost), 'invalid_signature');
    expectNothingChanged();
  });

  test('for another path', async () => {
    await expectRefused(await send(await signed({ signedPath: '/person/registrations' })), 'invalid_signature');
    expectNothingChanged();
  });

  test('too old, or from the future', async () => {
    const now = Math.floor(deployment.clock.now());
    await expectRefused(await send(await signed({ created: now - 62 })), 'invalid_signature');
    await expectRefused(await send(await signed({ created: now + 70 })), 'clock_skew');
    expectNothingChanged();
  });

  test('repeated, at whichever replica and after a restart', async () => {
    const request = await signed();
    expect((await send(request)).status).toBe(204);
    before += 1;
    await expectRefused(await send(request), 'invalid_signature');
    deployment.useReplica(1);
    await expectRefused(await send(request), 'invalid_signature');
    await deployment.restart();
    await expectRefused(await send(request), 'invalid_signature');
    expectNothingChanged();
  });
});

test.each(['{"event":"x"', '{"event":"x"}', '[]', '"x"', '{"event":"","id":"1"}', '{"event":"x","id":1}'])(
  'signed nonsense is invalid_request: %s',
  async (text) => {
    deployment.clock.advance(1);
    const before = taken();
    const { peer, clock } = deployment;
    const signedFetch = createServerFetch({
      fetch: httpFetch,
      identifier: peer.issuer,
      dwk: metadataDocuments.agentProvider,
      key: peer.key,
      now: clock.now,
    });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
    const response = await signedFetch(`${deployment.origin}${path}`, init);
    expect(response.status).toBe(400);
    expect(response.headers.get('signature-error')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(taken()).toBe(before);
  },
);

test('an Agent Provider whose keys cannot be fetched makes it 503, which is nobody’s signature error', async () => {
  const fresh = await startDeployment();
  try {
    const request = fresh.peer.post(event, {
      fetch: async (input, init) => {
        await fresh.peer.goAway();
        return httpFetch(input, init);
      },
    });
    const response = await request;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(response.headers.get('signature-error')).toBeNull();
    await fresh.peer.comeBack();
  } finally {
    await fresh.stop();
  }
});
