import { forge } from './forge.ts';
import { newKey } from './issuer.ts';
import type { TestPersonServer } from './person-server.ts';
import type { TestProxy } from './proxy.ts';

/** Who takes part in the refusals. */
export interface GrantCast {
  /** In mode3. */
  readonly proxy: TestProxy;
  /** Not pinned. */
  readonly stranger: TestPersonServer;
}

/** A token that is refused. */
interface GrantRefusal {
  readonly name: string;
  readonly token: (cast: GrantCast) => Promise<string>;
  readonly code: string;
}

/** An auth token of the agent for the supply-chain agent, accepted as it is. */
export const granted = async ({ proxy }: Pick<GrantCast, 'proxy'>) =>
  (await proxy.personServer.grant(proxy.agent, proxy.supplyChain)).token;

const alteredGrant = async (cast: GrantCast, claims: object, key = cast.proxy.personServer.key) =>
  forge(await granted(cast), { claims }, key);

export const grantRefusals: readonly GrantRefusal[] = [
  {
    name: 'auth token for another resource',
    token: async (cast) => (await cast.proxy.personServer.grant(cast.proxy.agent, cast.proxy.marketAnalysis)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'auth token without aud',
    token: (cast) => alteredGrant(cast, { aud: undefined }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of another key',
    token: async (cast) => (await cast.proxy.personServer.grant({ key: await newKey() }, cast.proxy.supplyChain)).token,
    code: 'invalid_signature',
  },
  {
    name: 'auth token expired this second',
    token: (cast) => alteredGrant(cast, { iat: cast.proxy.clock.now - 60, exp: cast.proxy.clock.now }),
    code: 'expired_jwt',
  },
  {
    name: 'auth token that lives longer than an hour',
    token: (cast) => alteredGrant(cast, { exp: cast.proxy.clock.now + 3601 }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of a Person Server that is not pinned',
    token: async (cast) => (await cast.stranger.grant(cast.proxy.agent, cast.proxy.supplyChain)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'auth token whose ps is another than its issuer',
    token: (cast) => alteredGrant(cast, { ps: cast.stranger.issuer }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token of an access server, where none is configured',
    token: (cast) => alteredGrant(cast, { dwk: 'aauth-access.json' }),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token that its Person Server did not sign',
    token: async (cast) => alteredGrant(cast, {}, await newKey('ps-1')),
    code: 'invalid_jwt',
  },
  {
    name: 'auth token whose scope is a list',
    token: (cast) => alteredGrant(cast, { scope: ['supply-chain:read'] }),
    code: 'invalid_jwt',
  },
  {
    name: 'person token for another resource',
    token: async (cast) => (await cast.proxy.personServer.person(cast.proxy.agent, cast.proxy.marketAnalysis)).token,
    code: 'invalid_jwt',
  },
  {
    name: 'person token of another key',
    token: async (cast) =>
      (await cast.proxy.personServer.person({ key: await newKey() }, cast.proxy.supplyChain)).token,
    code: 'invalid_signature',
  },
  {
    name: 'person token expired',
    token: async (cast) => {
      const { token } = await cast.proxy.personServer.person(cast.proxy.agent, cast.proxy.supplyChain);
      return forge(
        token,
        { claims: { iat: cast.proxy.clock.now - 60, exp: cast.proxy.clock.now } },
        cast.proxy.personServer.key,
      );
    },
    code: 'expired_jwt',
  },
  {
    name: 'person token with a scope',
    token: async (cast) => {
      const { token } = await cast.proxy.personServer.person(cast.proxy.agent, cast.proxy.supplyChain);
      return forge(token, { claims: { scope: 'supply-chain:read' } }, cast.proxy.personServer.key);
    },
    code: 'invalid_jwt',
  },
  {
    name: 'agent token in the clothes of an auth token',
    token: (cast) => forge(cast.proxy.agent.token, { header: { typ: 'aa-auth+jwt' } }, cast.proxy.provider.key),
    code: 'invalid_jwt',
  },
  {
    name: 'resource token',
    token: async (cast) =>
      forge(await granted(cast), { header: { typ: 'aa-resource+jwt' } }, cast.proxy.personServer.key),
    code: 'invalid_jwt',
  },
];
