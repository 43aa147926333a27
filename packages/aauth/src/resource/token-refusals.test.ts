import { describe, expect, it } from 'vitest';
import { expectPersonTokenRequired } from '../../test/support/challenges.ts';
import { startChallengingServer } from '../../test/support/challenging-server.ts';
import { createKey } from '../../test/support/keys.ts';
import type { TestResponse } from '../../test/support/requests.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { createEgressFetch } from '../node/egress.ts';
import { nodeKeys } from '../node/keys.ts';
import { decodeTokenForDisplay } from '../tokens/jwt.ts';

type Parties = Awaited<ReturnType<typeof startChallengingServer>>;

describe('a token that does not hold where an auth token is required', () => {
  type Send = (parties: Parties) => Promise<TestResponse>;
  const bad: [what: string, code: string, send: Send][] = [
    [
      'for another resource',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { aud: 'http://other.localhost:3000' } })),
    ],
    ['of another key', 'invalid_signature', async (p) => p.present(p.authToken(), {}, { key: await createKey() })],
    [
      'that has expired',
      'expired_jwt',
      (p) => p.present(p.authToken({ claims: { iat: p.clock.now() - 60, exp: p.clock.now() } })),
    ],
    ['from the future', 'clock_skew', (p) => p.present(p.authToken({ claims: { iat: p.clock.now() + 62 } }))],
    [
      'that lives for over an hour',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { exp: p.clock.now() + 3602 } })),
    ],
    [
      'of a Person Server nobody accepts',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { iss: p.ap.identifier, ps: p.ap.identifier } })),
    ],
    [
      'that names another Person Server',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { ps: p.ap.identifier } })),
    ],
    [
      'of an access server nobody configured',
      'invalid_jwt',
      (p) => p.present(p.authToken({ claims: { dwk: 'aauth-access.json' } })),
    ],
    [
      'that somebody else signed',
      'invalid_jwt',
      async (p) => p.present(p.authToken({ key: p.ap.key, header: { kid: p.ps.key.kid } })),
    ],
    ['of the type resource token', 'invalid_jwt', (p) => p.present(p.authToken({ type: 'aa-resource+jwt' }))],
    [
      'and is a person token for another resource',
      'invalid_jwt',
      (p) => p.present(p.personToken({ claims: { aud: 'http://other.localhost:3000' } })),
    ],
    [
      'and is a person token that has expired',
      'expired_jwt',
      (p) => p.present(p.personToken({ claims: { iat: p.clock.now() - 60, exp: p.clock.now() } })),
    ],
    [
      'and is a person token of another key',
      'invalid_signature',
      async (p) => p.present(p.personToken(), {}, { key: await createKey() }),
    ],
    [
      'and is an agent token of a stranger',
      'invalid_jwt',
      (p) => p.present(p.agentToken({ claims: { iss: p.ps.identifier } })),
    ],
  ];
  it.each(bad)('%s is refused with %s and asked to start from the person', async (_, code, send) => {
    const parties = await startChallengingServer();
    expect((await parties.present(parties.authToken())).status).toBe(200);
    const response = await send(parties);
    expectPersonTokenRequired(response);
    expect(response.headers['signature-error']).toBe(`error=${code}`);
    expect(JSON.parse(response.body)).toMatchObject({ error: code });
    expect(parties.verdicts.at(-1)).toMatchObject({ ok: false, error: { code } });
    expect(parties.verdicts.at(-1)).not.toHaveProperty('challenge');
    expect(parties.reached).toEqual(['read']);
  });

  it.each(['metadata', 'jwks'] as const)('because the %s of its issuer cannot be fetched makes a 503', async (what) => {
    const parties = await startChallengingServer();
    parties.ps.published[what] = undefined;
    const response = await parties.present(parties.authToken());
    expect(response.status).toBe(503);
    expect(response.headers).not.toHaveProperty('signature-error');
    expect(response.headers).not.toHaveProperty('aauth-requirement');
  });

  it('because its issuer’s metadata lies is refused with issuer_mismatch', async () => {
    const parties = await startChallengingServer();
    parties.ps.published.metadata = parties.ap.published.metadata;
    expect((await parties.present(parties.authToken())).headers['signature-error']).toBe('error=issuer_mismatch');
  });
});

describe('a revoked token', () => {
  const revoke = (parties: Parties, token: string) => {
    const { claims } = decodeTokenForDisplay(token) ?? {};
    return parties.revokeAs(claims?.iss === parties.ap.identifier ? parties.ap : parties.ps, {
      jti: claims?.jti,
      exp: claims?.exp,
    });
  };

  it.each(['authToken', 'personToken', 'agentToken'] as const)(
    'that is an %s fails at the very next request, with revoked_jwt and person-token',
    async (kind) => {
      const parties = await startChallengingServer();
      const [token, other] = [await parties[kind](), await parties[kind]()];
      const before = await parties.present(token);
      expect(before.headers).not.toHaveProperty('signature-error');
      expect((await revoke(parties, token)).status).toBe(200);
      const response = await parties.present(token);
      expectPersonTokenRequired(response);
      expect(response.headers['signature-error']).toBe('error=revoked_jwt');
      expect(JSON.parse(response.body)).toMatchObject({ error: 'revoked_jwt' });
      expect((await parties.present(other)).status).toBe(before.status);
      expect(parties.reached).toHaveLength(kind === 'authToken' ? 2 : 0);
    },
  );

  it('that is an auth token asks for the person even where an agent token is enough', async () => {
    const parties = await startChallengingServer(
      { access: 'agent-token', tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      [],
    );
    const token = await parties.authToken();
    expect((await parties.present(token)).status).toBe(200);
    await revoke(parties, token);
    expectPersonTokenRequired(await parties.present(token));
    const agentToken = await parties.agentToken();
    expect((await parties.present(agentToken)).status).toBe(200);
    await revoke(parties, agentToken);
    expect((await parties.present(agentToken)).headers).toMatchObject({
      'aauth-requirement': 'requirement=agent-token',
      'signature-error': 'error=revoked_jwt',
    });
  });
});

describe('a verified person or auth token', () => {
  it.each(['personToken', 'authToken'] as const)(
    'that is a %s costs one signature verification from then on',
    async (kind) => {
      const verified: string[] = [];
      const keys = {
        ...nodeKeys,
        async verificationKey(jwk: Parameters<typeof nodeKeys.verificationKey>[0]) {
          const key = await nodeKeys.verificationKey(jwk);
          return {
            ...key,
            verify(signature: Uint8Array, data: Uint8Array) {
              verified.push(jwk.kid ?? 'agent');
              return key.verify(signature, data);
            },
          };
        },
      };
      const discovery = createDiscovery({
        fetch: createEgressFetch({ allowLoopback: true }),
        keys,
        identifiers: { allowLoopback: true },
      });
      const { present, ps, clock, ...parties } = await startChallengingServer({
        access: 'person-token',
        keys,
        discovery,
      });
      const token = await parties[kind]();
      expect((await present(token)).status).toBe(200);
      expect(verified).toContain('ps-1');
      const asked = ps.asked.length;
      verified.length = 0;
      for (let repeat = 0; repeat < 5; repeat++) expect((await present(token)).status).toBe(200);
      expect(verified).toEqual(Array(5).fill('agent'));
      expect(ps.asked).toHaveLength(asked);
      clock.advance(3600);
      expect((await present(token)).headers['signature-error']).toBe('error=expired_jwt');
    },
  );

  it('stops counting at the next request when its issuer is no longer accepted', async () => {
    let accepted = true;
    const { present, authToken } = await startChallengingServer({
      personServers: (issuer) => (accepted ? { issuer } : undefined),
    });
    const token = await authToken();
    expect((await present(token)).status).toBe(200);
    accepted = false;
    expect((await present(token)).headers['signature-error']).toBe('error=invalid_jwt');
  });
});
