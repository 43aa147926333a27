import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseAgentIdentifier, parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { type AgentTokenOptions, issueAgentToken } from './agent-token.ts';
import { decodeTokenForDisplay } from './jwt.ts';

const { now } = createTestClock(1_790_000_000.75);
const identifiers = { allowLoopback: false };
const issuer = parseServerIdentifier('https://ap.example', identifiers);
const subject = parseAgentIdentifier('aauth:planner@ap.example').id;
const key = await createKey('ap-1');
const unpublishedKey = await createKey();
const cnf = (await createKey()).publicJwk;
const options: AgentTokenOptions = { issuer, subject, key, cnf, now };

describe('issueAgentToken', () => {
  it('issues the claims of an agent token and nothing else', async () => {
    const issued = await issueAgentToken({ ...options, jti: 'token-1' });
    expect(decodeTokenForDisplay(issued.token)).toEqual({
      header: { alg: 'Ed25519', typ: 'aa-agent+jwt', kid: 'ap-1' },
      claims: {
        iss: 'https://ap.example',
        dwk: 'aauth-agent.json',
        sub: 'aauth:planner@ap.example',
        jti: 'token-1',
        iat: 1_790_000_000,
        exp: 1_790_003_600,
        cnf: { jwk: cnf },
      },
    });
    expect(issued).toMatchObject({ jti: 'token-1', expiresAt: 1_790_003_600 });
  });

  it('adds ps and parent_agent where there are any', async () => {
    const personServer = parseServerIdentifier('https://ps.example', identifiers);
    const child = parseAgentIdentifier('aauth:planner+search@ap.example').id;
    const { claims } = await issueAgentToken({ ...options, subject: child, personServer, parentAgent: subject });
    expect(claims).toMatchObject({ sub: child, ps: 'https://ps.example', parent_agent: subject });
  });

  it('gives every token a jti of its own', async () => {
    const [one, other] = [await issueAgentToken(options), await issueAgentToken(options)];
    expect(one.jti).not.toBe(other.jti);
  });

  it('puts no private member into cnf, even when it is handed a private key', async () => {
    const { claims } = await issueAgentToken({ ...options, cnf: await nodeKeys.generate('ES256') });
    expect(Object.keys(claims.cnf.jwk).sort()).toEqual(['alg', 'crv', 'kty', 'x', 'y']);
  });

  it.each<[string, Partial<AgentTokenOptions>]>([
    ['a lifetime over a day', { lifetime: 86_401 }],
    ['a lifetime of nothing', { lifetime: 0 }],
    ['a fraction of a second', { lifetime: 1.5 }],
    ['a key without kid', { key: unpublishedKey }],
    ['an agent of another domain', { subject: parseAgentIdentifier('aauth:planner@other.example').id }],
    ['a parent of another domain', { parentAgent: parseAgentIdentifier('aauth:planner@other.example').id }],
  ])('refuses %s as a mistake of the caller', async (_, change) => {
    await expect(issueAgentToken({ ...options, lifetime: 86_400 })).resolves.toBeDefined();
    await expect(issueAgentToken({ ...options, ...change })).rejects.toThrow(TypeError);
  });
});
