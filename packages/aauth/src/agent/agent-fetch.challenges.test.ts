import { describe, expect, it } from 'vitest';
import { setUpAgentAccess } from '../../test/support/agent-access.ts';
import type { GuardedResource } from '../../test/support/guarded-resource.ts';
import { createKey } from '../../test/support/keys.ts';
import { toBase64url } from '../base64url.ts';
import { PeerError } from '../errors.ts';

type Setup = Awaited<ReturnType<typeof setUpAgentAccess>>;
type Tampering = NonNullable<GuardedResource['tamper']>;

const sha256 = toBase64url(new Uint8Array(32));

describe('a challenge', () => {
  it.each<[string, string | RegExp, (setup: Setup) => Tampering | Promise<Tampering>]>([
    [
      'for another agent’s key',
      /its agent_jkt is .{43}, not .{43}/,
      async () => ({ claims: { agent_jkt: (await createKey()).thumbprint } }),
    ],
    [
      'for another person server',
      'its ps is https://ps.example, not',
      () => ({ claims: { ps: 'https://ps.example', aud: 'https://ps.example' } }),
    ],
    ['for another person', 'its sub is somebody-else, not person-of-', () => ({ claims: { sub: 'somebody-else' } })],
    ['made of another token', 'its presented_jti is other, not', () => ({ claims: { presented_jti: 'other' } })],
    [
      'under a mission that was not presented',
      `its mission_s256 is ${sha256}, not (absent)`,
      () => ({ claims: { mission_s256: sha256 } }),
    ],
    ['for an organisation', 'its tenant is acme, not (absent)', () => ({ claims: { tenant: 'acme' } })],
    [
      'by another resource',
      'are not accepted here',
      ({ personServer }) => ({ claims: { iss: personServer.issuer }, key: personServer.key }),
    ],
    ['signed by another key', 'signature is not by key', async () => ({ key: await createKey('inventory-1') })],
    ['signed by an unpublished key', 'publishes no key', async () => ({ key: await createKey('inventory-2') })],
    ['that has expired', 'expired', ({ clock }) => ({ claims: { exp: clock.now(), iat: clock.now() - 300 } })],
    ['that lives too long', 'its type allows 300', ({ clock }) => ({ claims: { exp: clock.now() + 301 } })],
    ['from the future', 'in the future', ({ clock }) => ({ claims: { iat: clock.now() + 61, exp: clock.now() + 62 } })],
    ['with another typ', 'of typ "aa-auth+jwt"', () => ({ type: 'aa-auth+jwt' })],
    ['with another dwk', 'dwk', () => ({ claims: { dwk: 'aauth-person.json' } })],
    ['without presented_jti', 'presented_jti', () => ({ claims: { presented_jti: undefined } })],
    ['without agent_jkt', 'agent_jkt', () => ({ claims: { agent_jkt: undefined } })],
  ])('%s is refused, and goes nowhere', async (_, detail, tamper) => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, personServer, presented } = setup;
    resource.tamper = {};
    expect((await agentFetch(url)).status).toBe(200);
    await setup.agent.rotate();

    resource.tamper = await tamper(setup);
    const error = await agentFetch(url).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PeerError);
    expect(error).toMatchObject({
      code: 'invalid_resource_token',
      status: 502,
      message: expect.stringContaining(`The resource token of ${resource.issuer} cannot be used`),
    });
    const said = typeof detail === 'string' ? expect.stringContaining(detail) : expect.stringMatching(detail);
    expect(error).toMatchObject({ message: said });
    expect(personServer.count('auth-token')).toBe(1);
    expect(presented()).toEqual(['person', 'auth', 'person']);

    resource.tamper = undefined;
    expect((await agentFetch(url)).status).toBe(200);
  });

  it.each<[string, string]>([
    ['mission_s256', sha256],
    ['tenant', 'acme'],
  ])('that leaves out the %s of the person token is refused', async (claim, value) => {
    const { agentFetch, url, resource, personServer } = await setUpAgentAccess();
    personServer.personClaims = claim === 'tenant' ? { tenant: value } : { missionS256: value };
    resource.tamper = { claims: { [claim]: undefined } };
    await expect(agentFetch(url)).rejects.toThrow(`its ${claim} is (absent), not ${value}`);
    expect(personServer.count('auth-token')).toBe(0);
    resource.tamper = undefined;
    expect((await agentFetch(url)).status).toBe(200);
  });

  it('on an auth token must name that token', async () => {
    const { agentFetch, url, resource, personServer, presented } = await setUpAgentAccess();
    await agentFetch(url);
    resource.tamper = { claims: { presented_jti: 'of-the-person-token' } };
    await expect(agentFetch(new URL('/write', url))).rejects.toThrow('its presented_jti is of-the-person-token');
    expect(presented()).toEqual(['person', 'auth', 'auth']);
    expect(personServer.count('auth-token')).toBe(1);
  });

  it('straight after the agent token is the older wire, and refused', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess({ access: 'agent-token' });
    const requirement = { 'aauth-requirement': 'requirement=auth-token;resource-token="e30.e30.AA"' };
    resource.instead = () => new Response(null, { status: 401, headers: requirement });
    const error = await agentFetch(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'PeerError', code: 'invalid_resource_token' });
    expect(presented()).toEqual(['agent']);
  });

  it('without a resource token is refused', async () => {
    const { agentFetch, url, resource } = await setUpAgentAccess();
    for (const header of ['requirement=auth-token', 'requirement=auth-token, resource-token="e30.e30.AA"']) {
      resource.instead = () => new Response(null, { status: 401, headers: { 'aauth-requirement': header } });
      await expect(agentFetch(url)).rejects.toMatchObject({ code: 'invalid_response', status: 502 });
    }
  });

  it('that this agent does not know is an error', async () => {
    const { agentFetch, url, resource, events } = await setUpAgentAccess();
    resource.instead = () =>
      new Response(null, { status: 401, headers: { 'aauth-requirement': 'requirement=dance;steps="3"' } });
    await expect(agentFetch(url)).rejects.toMatchObject({
      code: 'unsupported_requirement',
      status: 401,
      message: `${resource.issuer} requires "dance", which this agent does not know.`,
    });
    expect(events.at(-1)).toMatchObject({ type: 'challenged', requirement: 'dance' });
  });

  it.each(['requirement=interaction;url="https://a.example";code="X"', 'requirement=claims', 'nonsense((', 'other=1'])(
    'that makes no sense leaves the 401 to the caller: %s',
    async (header) => {
      const { agentFetch, url, resource, presented, events } = await setUpAgentAccess();
      resource.instead = () => new Response('no', { status: 401, headers: { 'aauth-requirement': header } });
      const response = await agentFetch(url);
      expect([response.status, await response.text()]).toEqual([401, 'no']);
      expect(presented()).toEqual(['person']);
      expect(events.at(-1)).toMatchObject({ type: 'refused', status: 401, code: undefined });
    },
  );

  it.each(['person-token', 'auth-token'] as const)(
    'for a %s is an error to an agent without a person server',
    async (access) => {
      const { agentFetch, url, personServer } = await setUpAgentAccess({ access, agent: { personServer: undefined } });
      const error = await agentFetch(url).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        name: 'PeerError',
        code: 'unsupported_requirement',
        message: expect.stringContaining('this agent has no person server'),
      });
      expect(personServer.server.received.filter(({ method }) => method === 'POST')).toEqual([]);
    },
  );

  it('with parameters and claims that nobody knows is answered all the same', async () => {
    const { agentFetch, url, resource } = await setUpAgentAccess();
    resource.tamper = { parameters: ';hint=1;other="x"', claims: { r3_uri: 'https://r3.example' } };
    expect((await agentFetch(url)).status).toBe(200);
  });
});

describe('a resource that is never content', () => {
  it('costs one exchange when it asks for the same again and again', async () => {
    const { agentFetch, url, resource, personServer, presented, events } = await setUpAgentAccess();
    personServer.narrow = () => [];
    const response = await agentFetch(new URL('/write', url));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' });
    expect(presented()).toEqual(['person', 'auth']);
    expect(personServer.count('auth-token')).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: 'refused', requirement: 'auth-token' });
    expect(resource.reached).toEqual([]);
  });

  it('is asked about again in a later call: the person may have changed their mind', async () => {
    const { agentFetch, url, personServer, presented } = await setUpAgentAccess();
    personServer.narrow = (scope) => scope.filter((name) => name === 'read');
    expect((await agentFetch(new URL('/write', url))).status).toBe(401);
    personServer.narrow = (scope) => scope;
    expect((await agentFetch(new URL('/write', url))).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth']);
    expect(personServer.count('auth-token')).toBe(2);
  });

  it('is believed when it asks for the person token that it was just presented with', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    resource.instead = () =>
      new Response(null, { status: 401, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect((await agentFetch(url)).status).toBe(401);
    expect(presented()).toEqual(['person']);
  });

  it('costs two exchanges when it asks for something else each time', async () => {
    const { agentFetch, url, resource, personServer, presented } = await setUpAgentAccess();
    let asked = 0;
    personServer.narrow = () => [];
    resource.instead = () => {
      asked += 1;
      resource.tamper = { claims: { scope: `scope-${asked}` } };
      return undefined;
    };
    expect((await agentFetch(new URL('/write', url))).status).toBe(401);
    expect(personServer.count('auth-token')).toBe(2);
    expect(presented()).toEqual(['person', 'auth', 'auth']);
  });

  it.each([
    ['agent-token', 'person-token'],
    ['person-token', 'agent-token'],
  ])('ends when it wants an %s and then a %s in turn', async (first, second) => {
    const { agentFetch, url, resource, presented, personServer } = await setUpAgentAccess();
    let asked = 0;
    resource.instead = () => {
      asked += 1;
      const requirement = `requirement=${asked % 2 === 0 ? second : first}`;
      return new Response(null, { status: 401, headers: { 'aauth-requirement': requirement } });
    };
    expect((await agentFetch(url)).status).toBe(401);
    expect(presented().length).toBeLessThanOrEqual(5);
    expect(personServer.asked.length).toBeLessThanOrEqual(3);
  });

  it.each(['expired_jwt', 'revoked_jwt'])('ends when it calls every token %s', async (code) => {
    const { agentFetch, url, resource, presented, personServer, agent } = await setUpAgentAccess();
    resource.instead = () =>
      new Response(null, {
        status: 401,
        headers: { 'signature-error': `error=${code}`, 'aauth-requirement': 'requirement=person-token' },
      });
    expect((await agentFetch(url)).status).toBe(401);
    expect(presented()).toEqual(['person', 'person', 'person']);
    expect(personServer.count('person-token')).toBe(3);
    expect(agent.refusals).toEqual([]);
  });

  it.each(['invalid_signature', 'unsupported_algorithm', 'invalid_key', 'invalid_request', 'whatever'])(
    'is believed when it calls the signature %s: another token would not help',
    async (code) => {
      const { agentFetch, url, resource, presented } = await setUpAgentAccess({ access: 'agent-token' });
      resource.instead = () =>
        new Response(null, {
          status: 401,
          headers: { 'signature-error': `error=${code}`, 'aauth-requirement': 'requirement=person-token' },
        });
      expect((await agentFetch(url)).status).toBe(401);
      expect(presented()).toEqual(['agent']);
    },
  );

  it('may refuse what is allowed to nobody: a 403 is the caller’s', async () => {
    const { agentFetch, url, resource, presented } = await setUpAgentAccess();
    resource.instead = () =>
      new Response('no', { status: 403, headers: { 'aauth-requirement': 'requirement=person-token' } });
    expect((await agentFetch(url)).status).toBe(403);
    expect(presented()).toEqual(['person']);
  });
});
