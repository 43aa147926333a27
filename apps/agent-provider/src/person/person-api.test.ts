import { createServerFetch } from '@aauth-stack/aauth/agent';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { thumbprintUri } from '@aauth-stack/aauth/keys';
import { expect, test } from 'vitest';
import { newAgent, newKey } from '../../test/agent.ts';
import { startPersonServer } from '../../test/person-server.ts';
import {
  asPersonServer,
  enrolledAgent,
  enrolmentId,
  poll,
  type Replica,
  refresh,
  register,
  shareWorld,
  type World,
} from '../../test/world.ts';

const sharedWorld = shareWorld();

/** The same API at a certain replica. */
async function decideAt(world: World, replica: Replica, path: string, body?: object): Promise<Response> {
  const signedFetch = world.personServer.signingTo(replica.fetch);
  return signedFetch(`${world.issuer}/person/${path}`, {
    method: 'POST',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
}

test('registrations lists what waits, with everything the person needs to decide', async () => {
  const world = sharedWorld();
  const agent = await newAgent();
  const callback = 'http://localhost:8000/auth-callback';
  const response = await register(world, agent, { agent_name: 'Listed', ps: world.personServer.identifier, callback });
  const listed = await (await asPersonServer(world, 'GET', 'registrations')).json();
  expect(listed).toContainEqual({
    id: enrolmentId(response),
    agent_name: 'Listed',
    stable_jkt: thumbprintUri(agent.stableKey.thumbprint),
    ps: world.personServer.identifier,
    callback,
    created_at: new Date(world.clock.now() * 1000).toISOString(),
    expires_at: new Date((world.clock.now() + 3600) * 1000).toISOString(),
    status: 'pending',
  });
});

test('bindings lists agents with keys, person and when they were seen, revoked ones too', async () => {
  const world = sharedWorld();
  const { agentId, stableKey } = await enrolledAgent(world, 'Bound');
  const seen = new Date(world.clock.now() * 1000).toISOString();
  const binding = {
    agent_id: agentId,
    agent_name: 'Bound',
    person_id: 'person-1',
    created_at: seen,
    last_seen_at: seen,
    device_count: 1,
    stable_key_thumbprints: [thumbprintUri(stableKey.thumbprint)],
    revoked: false,
    revoked_at: null,
    callback: null,
    revocations: [],
  };
  expect(await (await asPersonServer(world, 'GET', 'bindings')).json()).toContainEqual(binding);
  world.clock.advance(10);
  await asPersonServer(world, 'POST', `bindings/${encodeURIComponent(agentId)}/revoke`);
  const revokedAt = new Date(world.clock.now() * 1000).toISOString();
  expect(await (await asPersonServer(world, 'GET', 'bindings')).json()).toContainEqual({
    ...binding,
    revoked: true,
    revoked_at: revokedAt,
    revocations: [{ recipient: world.personServer.identifier, state: 'delivered', error: null }],
  });
});

test('W16: deciding the same again is answered the same; deciding otherwise is 409 and changes nothing', async () => {
  const world = sharedWorld();
  const approved = enrolmentId(await register(world, await newAgent()));
  const denied = enrolmentId(await register(world, await newAgent()));
  const decide = (path: string, personId?: string) => {
    world.clock.advance(1);
    return asPersonServer(world, 'POST', `registrations/${path}`, personId ? { person_id: personId } : undefined);
  };
  const first = await decide(`${approved}/approve`, 'person-1');
  const second = await decide(`${approved}/approve`, 'person-1');
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await second.json()).toEqual(await first.json());
  expect((await decide(`${denied}/deny`)).status).toBe(200);
  expect((await decide(`${denied}/deny`)).status).toBe(200);

  const messages = world.log.lines().map(({ msg }) => String(msg));
  expect(messages).toContainEqual(expect.stringMatching(`^approved enrolment ${approved} of "Backend App" as aauth:`));
  expect(messages).toContain(`denied enrolment ${denied} of "Backend App"`);

  const otherwise = [
    await decide(`${approved}/deny`),
    await decide(`${approved}/approve`, 'person-2'),
    await decide(`${denied}/approve`, 'person-1'),
  ];
  for (const response of otherwise) {
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: 'already_decided' });
  }
});

test('of an approval and a denial at two replicas at once exactly one counts', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  for (let round = 0; round < 5; round += 1) {
    const agent = await newAgent();
    const id = enrolmentId(await register(world, agent));
    const [approval, denial] = await Promise.all([
      decideAt(world, world.replica, `registrations/${id}/approve`, { person_id: 'person-1' }),
      decideAt(world, other, `registrations/${id}/deny`),
    ]);
    expect([approval.status, denial.status].sort()).toEqual([200, 409]);
    const outcome = await poll(world, agent, `/register/pending/${id}`);
    expect(outcome.status).toBe(approval.status === 200 ? 200 : 403);
  }
});

test('of two people who approve at two replicas at once one has the agent, and there is one agent', async () => {
  const world = sharedWorld();
  const other = await world.addReplica();
  const agent = await newAgent();
  const id = enrolmentId(await register(world, agent));
  const path = `registrations/${id}/approve`;
  const responses = await Promise.all([
    decideAt(world, world.replica, path, { person_id: 'person-1' }),
    decideAt(world, other, path, { person_id: 'person-2' }),
  ]);
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
  const bindings = JSON.stringify(await (await asPersonServer(world, 'GET', 'bindings')).json());
  expect(bindings.split(agent.stableKey.thumbprint)).toHaveLength(2);
});

test('revoking twice is 200; what does not exist is 404; a bad body is 400', async () => {
  const world = sharedWorld();
  const { agentId } = await enrolledAgent(world);
  const id = enrolmentId(await register(world, await newAgent()));
  const request = async (path: string, body?: object) => {
    world.clock.advance(1);
    return (await asPersonServer(world, 'POST', path, body)).status;
  };
  expect(await request(`bindings/${encodeURIComponent(agentId)}/revoke`)).toBe(200);
  expect(await request(`bindings/${encodeURIComponent(agentId)}/revoke`)).toBe(200);
  expect(await request(`bindings/${encodeURIComponent('aauth:nobody@x.example')}/revoke`)).toBe(404);
  expect(await request('registrations/nothing/approve', { person_id: 'person-1' })).toBe(404);
  expect(await request('registrations/nothing/deny')).toBe(404);
  expect(await request(`registrations/${id}/approve`, {})).toBe(400);
  expect(await request(`registrations/${id}/approve`, { person_id: '' })).toBe(400);
});

test('another server, whose signature is good, is refused and its keys are not even fetched', async () => {
  const world = sharedWorld();
  const { clock, issuer, log } = world;
  const stranger = await startPersonServer({
    provider: issuer,
    now: clock.now,
    log: log.log,
    send: world.replica.fetch,
  });
  try {
    const id = enrolmentId(await register(world, await newAgent()));
    const fetchedBefore = stranger.metadataRequests;
    const response = await stranger.signedFetch(`${issuer}/person/registrations/${id}/deny`, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(response.headers.get('signature-error')).toBe('error=invalid_key');
    expect(stranger.metadataRequests).toBe(fetchedBefore);
    const listed = await (await asPersonServer(world, 'GET', 'registrations')).json();
    expect(listed).toContainEqual(expect.objectContaining({ id }));
  } finally {
    await stranger.close();
  }
});

test.each([
  ['in another role', 'aauth-agent.json', 'invalid_key'],
  ['with a key it does not publish', 'aauth-person.json', 'unknown_key'],
] as const)('the Person Server’s name %s is refused', async (_, dwk, code) => {
  const world = sharedWorld();
  const key = { ...(await newKey()), kid: 'other' };
  const signedFetch = createServerFetch({
    fetch: world.replica.fetch,
    identifier: parseServerIdentifier(world.personServer.identifier, { allowLoopback: true }),
    dwk,
    key,
    now: world.clock.now,
  });
  const response = await signedFetch(`${world.issuer}/person/registrations`);
  expect(response.status).toBe(401);
  expect(response.headers.get('signature-error')).toBe(`error=${code}`);
});

test('W16: no agent, and nobody without a signature, reaches the person’s API', async () => {
  const world = sharedWorld();
  const agent = await enrolledAgent(world);
  const unsigned = await world.replica.fetch(`${world.issuer}/person/bindings`);
  const asAgent = await world.send(await world.sign(agent, { method: 'GET', path: '/person/bindings' }));
  expect([unsigned.status, asAgent.status]).toEqual([401, 401]);
  expect(unsigned.headers.get('signature-error')).toBe('error=invalid_signature');
  expect(asAgent.headers.get('accept-signature-scheme')).toBe('jwks_uri');
  expect((await refresh(world, agent)).status).toBe(200);
});
