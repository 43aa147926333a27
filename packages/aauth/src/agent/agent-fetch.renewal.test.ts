import { describe, expect, it } from 'vitest';
import { isCall, presentedToken, setUpAgentAccess } from '../../test/support/agent-access.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';

type Setup = Awaited<ReturnType<typeof setUpAgentAccess>>;

const tokens = ({ resource }: Setup) => resource.server.received.filter(isCall).map(presentedToken);
const jtiOf = (token: string | undefined) => String(decodeTokenForDisplay(token ?? '')?.claims.jti);

describe('renewal', () => {
  it('starts from a fresh person token with five minutes left, and not before', async () => {
    // The agent token outlives the others, as that of a self-hosted agent with one key does.
    const { agentFetch, url, clock, presented, personServer } = await setUpAgentAccess({ lifetime: 7200 });
    await agentFetch(url);
    clock.advance(3600 - 300 - 1);
    await agentFetch(url);
    expect(presented()).toEqual(['person', 'auth', 'auth']);
    clock.advance(1);
    await agentFetch(url);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'person', 'auth']);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([2, 2]);
  });

  it('of a token that lives shorter than ten minutes happens after half its life', async () => {
    const { agentFetch, url, clock, presented } = await setUpAgentAccess({ lifetime: 400 });
    await agentFetch(url);
    clock.advance(199);
    await agentFetch(url);
    expect(presented()).toEqual(['person', 'auth', 'auth']);
    clock.advance(1);
    await agentFetch(url);
    expect(presented()).toHaveLength(5);
  });

  it('of one grant leaves a person token that has time left alone', async () => {
    const { agentFetch, url, clock, personServer } = await setUpAgentAccess({ lifetime: 7200 });
    personServer.authClaims = { lifetime: 600 };
    await agentFetch(url);
    clock.advance(300);
    await agentFetch(url);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 2]);
  });

  it('that the person server cannot do leaves the old tokens in use until they expire', async () => {
    const { agentFetch, url, clock, personServer, presented } = await setUpAgentAccess({ lifetime: 7200 });
    await agentFetch(url);
    clock.advance(3400);
    personServer.instead = () => new Response(null, { status: 503 });
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'person', 'auth']);
    clock.advance(199);
    expect((await agentFetch(url)).status).toBe(200);
    clock.advance(1);
    await expect(agentFetch(url)).rejects.toMatchObject({ name: 'UnavailableError' });
    personServer.instead = undefined;
    expect((await agentFetch(url)).status).toBe(200);
  });

  it('that fails at the exchange leaves the old grant in use', async () => {
    const { agentFetch, url, clock, personServer, presented } = await setUpAgentAccess({ lifetime: 7200 });
    await agentFetch(url);
    clock.advance(3400);
    personServer.instead = ({ target }) => (target === '/auth-token' ? new Response(null, { status: 503 }) : undefined);
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'person', 'auth']);
  });

  it('W12: begins anew with a new key, and never mixes keys and tokens', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, agent, personServer, presented, resource } = setup;
    await agentFetch(url);
    await agent.rotate();
    // A call under way keeps its token with its key, whatever the agent's key is by then.
    resource.instead = async () => {
      resource.instead = undefined;
      await agent.rotate();
      return undefined;
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'person', 'auth', 'person', 'auth']);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([3, 3]);
    const keys = resource.reached.map(({ principal }) => principal.jkt);
    expect(new Set(keys).size).toBe(3);
    expect(resource.verdicts.every((verdict) => verdict.ok || verdict.challenge)).toBe(true);
  });

  it('W12: between person token and exchange, a rotation changes nothing', async () => {
    const { agentFetch, url, agent, personServer, resource } = await setUpAgentAccess();
    for (const target of ['/person-token', '/auth-token']) {
      personServer.instead = async (request) => {
        if (request.target !== target) return undefined;
        personServer.instead = undefined;
        await agent.rotate();
        return undefined;
      };
      expect((await agentFetch(url)).status).toBe(200);
      await agent.rotate();
    }
    expect(resource.reached).toHaveLength(2);
  });
});

describe('a token that the resource refuses', () => {
  it('as expired, by its own clock, is replaced by a new exchange', async () => {
    const { agentFetch, url, resource, clock, presented, personServer } = await setUpAgentAccess();
    personServer.authClaims = { lifetime: 100 };
    await agentFetch(url);
    clock.advance(45);
    resource.ahead = 56;
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'person', 'auth']);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 2]);
  });

  it('as revoked is never presented again: the grant is asked for anew', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, presented, personServer } = setup;
    await agentFetch(url);
    const revoked = tokens(setup)[1];
    resource.revoked.add(jtiOf(revoked));
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'person', 'auth']);
    expect(tokens(setup).slice(3)).not.toContain(revoked);
    expect([personServer.count('person-token'), personServer.count('auth-token')]).toEqual([1, 2]);
  });

  it('as revoked together with the person token gets both anew', async () => {
    const setup = await setUpAgentAccess();
    const { agentFetch, url, resource, presented } = setup;
    await agentFetch(url);
    for (const token of tokens(setup)) resource.revoked.add(jtiOf(token));
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'person', 'person', 'auth']);
  });

  it('because the agent was revoked between exchange and retry ends with what the person server says', async () => {
    const { agentFetch, url, resource, personServer, agent } = await setUpAgentAccess();
    agent.renews = false;
    resource.instead = (request) => {
      resource.revoked.add(jtiOf(presentedToken(request)));
      for (const { jti } of personServer.asked) personServer.revoked.add(jti);
      return undefined;
    };
    const error = await agentFetch(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'PeerError', code: 'revoked_jwt', status: 401 });
    expect(error).toMatchObject({ message: expect.stringContaining(`The Person Server at ${personServer.issuer}`) });
    expect(agent.refusals).toEqual(['revoked_jwt']);
    expect(resource.reached).toEqual([]);
  });

  it('although it is the agent token is renewed, once', async () => {
    const setup = await setUpAgentAccess({ access: 'agent-token' });
    const { agentFetch, url, resource, presented, agent } = setup;
    await agentFetch(url);
    resource.revoked.add(jtiOf(tokens(setup)[0]));
    expect((await agentFetch(url)).status).toBe(200);
    expect(agent.refusals).toEqual(['revoked_jwt']);
    expect(presented()).toEqual(['agent', 'agent', 'agent']);
    resource.instead = (request) => {
      resource.revoked.add(jtiOf(presentedToken(request)));
      return undefined;
    };
    expect((await agentFetch(url)).status).toBe(401);
    expect(agent.refusals).toEqual(['revoked_jwt', 'revoked_jwt']);
    agent.renews = false;
    expect((await agentFetch(url)).status).toBe(401);
    expect(presented()).toHaveLength(6);
  });

  it.each(['invalid_jwt', 'unknown_key'])('as %s, with a person token required, is dropped', async (code) => {
    const { agentFetch, url, resource, presented, personServer } = await setUpAgentAccess();
    await agentFetch(url);
    resource.instead = () => {
      resource.instead = undefined;
      const headers = { 'signature-error': `error=${code}`, 'aauth-requirement': 'requirement=person-token' };
      return new Response(null, { status: 401, headers });
    };
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'person', 'auth']);
    expect(personServer.count('auth-token')).toBe(2);
  });

  it('for its clock is signed by that clock', async () => {
    const { agentFetch, url, resource, clock, presented } = await setUpAgentAccess();
    await agentFetch(url);
    clock.advance(200);
    resource.ahead = -100;
    expect((await agentFetch(url)).status).toBe(200);
    expect(presented()).toEqual(['person', 'auth', 'auth', 'auth']);
  });
});
