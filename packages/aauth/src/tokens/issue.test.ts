import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { type AuthTokenOptions, issueAuthToken } from './auth-token.ts';
import { decodeTokenForDisplay } from './jwt.ts';
import { issuePersonToken, type PersonTokenOptions } from './person-token.ts';
import { issueResourceToken, type ResourceTokenOptions } from './resource-token.ts';

const { now } = createTestClock(1_790_000_000.75);
const server = (name: string) => parseServerIdentifier(name, { allowLoopback: false });
const [ps, resource] = [server('https://ps.example'), server('https://inventory.example')];
const key = await createKey('k-1');
const unpublishedKey = await createKey();
const agentKey = await createKey();
const cnf = agentKey.publicJwk;
const missionS256 = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const context = { missionS256, tenant: 'acme' };

const person: PersonTokenOptions = { issuer: ps, audience: resource, subject: 'p-1', key, cnf, now, notAfter: [] };
const auth: AuthTokenOptions = { ...person, personServer: ps, scope: ['stock:read', 'stock:order', 'stock:read'] };
const asked: ResourceTokenOptions = {
  issuer: resource,
  audience: ps,
  subject: 'p-1',
  personServer: ps,
  presentedJti: 'person-token-1',
  agentJkt: agentKey.thumbprint,
  scope: ['stock:read'],
  key,
  now,
};

describe('issuing', () => {
  it('a person token puts in what identifies the person, and never a scope', async () => {
    const issued = await issuePersonToken({ ...person, jti: 't-1' });
    const claims = {
      iss: 'https://ps.example',
      dwk: 'aauth-person.json',
      aud: 'https://inventory.example',
      sub: 'p-1',
      cnf: { jwk: cnf },
      jti: 't-1',
      iat: 1_790_000_000,
      exp: 1_790_003_600,
    };
    expect(decodeTokenForDisplay(issued.token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-person+jwt', kid: 'k-1' },
      claims,
    });
    expect(issued).toMatchObject({ claims, jti: 't-1', issuedAt: 1_790_000_000, expiresAt: 1_790_003_600 });
    expect((await issuePersonToken({ ...person, ...context })).claims).toMatchObject({
      mission_s256: missionS256,
      tenant: 'acme',
    });
  });

  it('a resource token puts in what was presented and what is asked for', async () => {
    const { token } = await issueResourceToken({ ...asked, jti: 't-1' });
    const claims = {
      iss: 'https://inventory.example',
      dwk: 'aauth-resource.json',
      aud: 'https://ps.example',
      sub: 'p-1',
      ps: 'https://ps.example',
      presented_jti: 'person-token-1',
      agent_jkt: agentKey.thumbprint,
      scope: 'stock:read',
      jti: 't-1',
      iat: 1_790_000_000,
      exp: 1_790_000_300,
    };
    expect(decodeTokenForDisplay(token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-resource+jwt', kid: 'k-1' },
      claims,
    });
    const more = { ...context, account: 'a@b.example', interaction: { url: 'https://x.example/go', code: 'A1B2C3D4' } };
    expect((await issueResourceToken({ ...asked, ...more, loginHint: 'a' })).claims).toMatchObject({
      account: 'a@b.example',
      mission_s256: missionS256,
      tenant: 'acme',
      interaction: { url: 'https://x.example/go', code: 'A1B2C3D4' },
      login_hint: 'a',
    });
    expect((await issueResourceToken({ ...asked, scope: [] })).claims).not.toHaveProperty('scope');
  });

  it('an auth token puts in what is granted, and nobody’s agent', async () => {
    const { token } = await issueAuthToken({ ...auth, jti: 't-1', claims: { email: 'p@example.com' } });
    expect(decodeTokenForDisplay(token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-auth+jwt', kid: 'k-1' },
      claims: {
        iss: 'https://ps.example',
        dwk: 'aauth-person.json',
        aud: 'https://inventory.example',
        sub: 'p-1',
        ps: 'https://ps.example',
        scope: 'stock:read stock:order',
        cnf: { jwk: cnf },
        email: 'p@example.com',
        jti: 't-1',
        iat: 1_790_000_000,
        exp: 1_790_003_600,
      },
    });
    const as = await issueAuthToken({
      ...auth,
      ...context,
      issuer: server('https://as.example'),
      dwk: 'aauth-access.json',
    });
    expect(as.claims).toMatchObject({ iss: 'https://as.example', ps, mission_s256: missionS256, tenant: 'acme' });
    expect((await issueAuthToken({ ...auth, account: 'a', scope: [] })).claims).toMatchObject({ account: 'a' });
  });

  it('cascades lifetimes: no token outlives what it stands on', async () => {
    const time = Math.floor(now());
    const cap = fc.integer({ min: time + 1, max: time + 100_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(cap, { maxLength: 4 }),
        fc.integer({ min: 1, max: 3600 }),
        async (notAfter, lifetime) => {
          for (const issue of [
            issuePersonToken({ ...person, notAfter, lifetime }),
            issueAuthToken({ ...auth, notAfter, lifetime }),
          ]) {
            const { expiresAt, issuedAt } = await issue;
            expect(expiresAt).toBe(Math.min(time + lifetime, ...notAfter));
            expect(expiresAt).toBeGreaterThan(issuedAt);
          }
        },
      ),
    );
    expect((await issuePersonToken({ ...person, notAfter: [time + 10.9] })).expiresAt).toBe(time + 10);
    expect((await issuePersonToken({ ...person, lifetime: 1 })).expiresAt).toBe(time + 1);
  });

  it('refuses with expired_jwt when what it stands on has ended, so that the agent starts again from the top', async () => {
    const time = Math.floor(now());
    await expect(issuePersonToken({ ...person, notAfter: [time + 1] })).resolves.toBeDefined();
    for (const notAfter of [[time], [time + 3600, time - 1]]) {
      await expect(issuePersonToken({ ...person, notAfter })).rejects.toMatchObject({
        code: 'expired_jwt',
        status: 401,
      });
      await expect(issueAuthToken({ ...auth, notAfter })).rejects.toMatchObject({ code: 'expired_jwt' });
    }
  });

  it('puts no private member into cnf, even when it is handed a private key', async () => {
    const secret = await nodeKeys.generate('Ed25519');
    for (const issued of [
      await issuePersonToken({ ...person, cnf: secret }),
      await issueAuthToken({ ...auth, cnf: secret }),
    ]) {
      expect(Object.keys(issued.claims.cnf.jwk).sort()).toEqual(['alg', 'crv', 'kty', 'x']);
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a person token of over an hour', () => issuePersonToken({ ...person, lifetime: 3601 })],
    ['an auth token of over an hour', () => issueAuthToken({ ...auth, lifetime: 3601 })],
    ['a resource token of over five minutes', () => issueResourceToken({ ...asked, lifetime: 301 })],
    ['a lifetime of nothing', () => issueResourceToken({ ...asked, lifetime: 0 })],
    ['a key without kid', () => issueResourceToken({ ...asked, key: unpublishedKey })],
    ['a scope name with a space in it', () => issueAuthToken({ ...auth, scope: ['stock read'] })],
    ['an auth token of a Person Server for another one', () => issueAuthToken({ ...auth, personServer: resource })],
    ['a sub among the identity claims', () => issueAuthToken({ ...auth, claims: { sub: 'somebody' } })],
    ['an act among the identity claims', () => issueAuthToken({ ...auth, claims: { act: { sub: 'a' } } })],
  ])('refuses %s as a mistake of the caller', async (_, issue) => {
    await expect(issuePersonToken({ ...person, lifetime: 3600 })).resolves.toBeDefined();
    await expect(issueAuthToken({ ...auth, lifetime: 3600, claims: { name: 'P' } })).resolves.toBeDefined();
    await expect(issueResourceToken({ ...asked, lifetime: 300 })).resolves.toBeDefined();
    await expect(issue()).rejects.toThrow(TypeError);
  });
});
