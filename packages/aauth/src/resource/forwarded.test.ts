import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { createThreeParties, subject } from '../../test/support/three-parties.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import { formatForwardedHeaders, isForwardedHeader, parseForwardedHeaders, proxySecretHeader } from './forwarded.ts';
import type { AgentPrincipal, Principal } from './types.ts';

const secret = 'a secret of the proxy and the service';

async function agentPrincipal(): Promise<AgentPrincipal> {
  const { discovery, clock, token: issue } = await createTestParties();
  const identifiers = { allowLoopback: false };
  const token = await createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now })(await issue());
  if (token.type !== 'aa-agent+jwt') throw new TypeError('not an agent token');
  const { agent, issuer: agentProvider, key } = token;
  return {
    level: 'identified',
    scheme: 'jwt',
    agent,
    agentProvider,
    token,
    jkt: key.thumbprint,
    publicJwk: key.publicJwk,
  };
}

const signedBy = (headers: Record<string, string>, value = secret) =>
  new Headers({ ...headers, [proxySecretHeader]: value });

describe('forwarded headers', () => {
  it('W6: tell the service who the agent is', async () => {
    const principal = await agentPrincipal();
    const headers = formatForwardedHeaders(principal);
    expect(headers).toEqual({
      'x-aauth-level': 'identified',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-agent+jwt',
      'x-aauth-jkt': principal.jkt,
      'x-aauth-agent': 'aauth:demo@ap.example',
      'x-aauth-agent-server': 'https://ap.example',
      'x-aauth-delegate': 'aauth:demo@ap.example',
    });
    expect(parseForwardedHeaders(signedBy(headers), secret)).toEqual({
      level: 'identified',
      scheme: 'jwt',
      tokenType: 'aa-agent+jwt',
      jkt: principal.jkt,
      agent: 'aauth:demo@ap.example',
      agentServer: 'https://ap.example',
      personServer: undefined,
      subject: undefined,
      scope: [],
      token: undefined,
    });
  });

  it('tell the service for whom the agent acts and what was granted, and no agent', async () => {
    const { discovery, clock, personToken, authToken, resource: audience, agentKey, ps } = await createThreeParties();
    const identifiers = { allowLoopback: false };
    const accepts = ['aa-person+jwt', 'aa-auth+jwt'] as const;
    const verify = createTokenVerifier({ discovery, identifiers, keys: nodeKeys, now: clock.now, accepts, audience });
    const base = { scheme: 'jwt', jkt: agentKey.thumbprint, publicJwk: agentKey.publicJwk, personServer: ps } as const;
    const person = await verify(await personToken());
    const auth = await verify(await authToken({ claims: { scope: 'stock:read stock:order' } }));
    if (person.type !== 'aa-person+jwt' || auth.type !== 'aa-auth+jwt') throw new TypeError('other tokens');

    const identified = formatForwardedHeaders({ ...base, level: 'person', subject, token: person });
    expect(identified).toEqual({
      'x-aauth-level': 'person',
      'x-aauth-scheme': 'jwt',
      'x-aauth-token-type': 'aa-person+jwt',
      'x-aauth-jkt': agentKey.thumbprint,
      'x-aauth-person-server': 'https://ps.example',
      'x-aauth-sub': subject,
    });
    const authorized = formatForwardedHeaders(
      { ...base, level: 'authorized', subject, scope: auth.scope, token: auth },
      { token: auth.compact },
    );
    expect(authorized).toEqual({
      ...identified,
      'x-aauth-level': 'authorized',
      'x-aauth-token-type': 'aa-auth+jwt',
      'x-aauth-scope': 'stock:read stock:order',
      'x-aauth-token': auth.compact,
    });
    expect(parseForwardedHeaders(signedBy(authorized), secret)).toEqual({
      level: 'authorized',
      scheme: 'jwt',
      tokenType: 'aa-auth+jwt',
      jkt: agentKey.thumbprint,
      agent: undefined,
      agentServer: undefined,
      personServer: 'https://ps.example',
      subject,
      scope: ['stock:read', 'stock:order'],
      token: auth.compact,
    });
    expect(parseForwardedHeaders(signedBy(authorized, 'forged'), secret)).toBeUndefined();
  });

  it('pass the token on only when told to', async () => {
    const principal = await agentPrincipal();
    const { compact } = principal.token;
    const headers = formatForwardedHeaders(principal, { token: compact });
    expect(headers['x-aauth-token']).toBe(compact);
    expect(parseForwardedHeaders(signedBy(headers), secret)?.token).toBe(compact);
  });

  it('tell of servers and of bare keys', async () => {
    const key = await createKey();
    const base = { jkt: key.thumbprint, publicJwk: key.publicJwk };
    const server = parseServerIdentifier('http://ps.localhost:8765', { allowLoopback: true });
    const principals: Principal[] = [
      { ...base, level: 'pseudonymous', scheme: 'hwk' },
      { ...base, level: 'identified', scheme: 'jwks_uri', server, dwk: 'aauth-person.json' },
    ];
    const forwarded = principals.map((principal) =>
      parseForwardedHeaders(signedBy(formatForwardedHeaders(principal)), secret),
    );
    expect(forwarded).toMatchObject([
      { level: 'pseudonymous', scheme: 'hwk', jkt: key.thumbprint, agentServer: undefined },
      { level: 'identified', scheme: 'jwks_uri', agentServer: server, agent: undefined },
    ]);
  });

  it('mean nothing without the secret', async () => {
    const headers = formatForwardedHeaders(await agentPrincipal());
    expect(parseForwardedHeaders(signedBy(headers), secret)).toBeDefined();
    for (const wrong of [
      '',
      secret.slice(1),
      `${secret}x`,
      `${secret}, ${secret}`,
      secret.toUpperCase(),
      secret + secret,
    ]) {
      expect(parseForwardedHeaders(signedBy(headers, wrong), secret)).toBeUndefined();
    }
    expect(parseForwardedHeaders(new Headers(headers), secret)).toBeUndefined();
    expect(parseForwardedHeaders(signedBy({}), secret)).toBeUndefined();
  });

  it('are not read at all with a secret that anybody could guess', async () => {
    const headers = signedBy(formatForwardedHeaders(await agentPrincipal()), '');
    expect(() => parseForwardedHeaders(headers, '')).toThrow(TypeError);
    const short = 'x'.repeat(31);
    expect(() => parseForwardedHeaders(headers, short)).toThrow(TypeError);
    expect(parseForwardedHeaders(headers, `${short}x`)).toBeUndefined();
  });

  it('that a proxy cannot have verified are an error', async () => {
    const headers = formatForwardedHeaders(await agentPrincipal());
    const twice = { ...headers, 'x-aauth-agent': 'aauth:a@b.example, aauth:c@d.example' };
    expect(() => parseForwardedHeaders(signedBy(twice), secret)).toThrow('not an agent identifier');
  });

  it('never carry a line break or anything else that is no header value', async () => {
    const principal = await agentPrincipal();
    for (const token of ['a\r\nx-aauth-level: authorized', 'ü', ' a', 'a\0']) {
      expect(() => formatForwardedHeaders(principal, { token })).toThrow(TypeError);
    }
  });
});

describe('isForwardedHeader', () => {
  it.each([
    'x-aauth-agent',
    'X-AAuth-Agent',
    'x_aauth_agent',
    'X_AAUTH-SUB',
    'x-aauth_level',
    'x.aauth.agent',
    'x-aauth',
  ])('knows %s for one', (name) => {
    expect(isForwardedHeader(name)).toBe(true);
  });

  it.each(['aauth-requirement', 'x-aauthority', 'x-forwarded-for', 'signature-key'])('leaves %s alone', (name) => {
    expect(isForwardedHeader(name)).toBe(false);
  });

  it('reads a name as servers do that make one separator of every run of others', () => {
    const part = fc.constantFrom('x', 'X', 'aauth', 'AAuth', '-', '_', '.', '--', ' ', 'a', '1', 'ſ', 'K');
    const name = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(name, fc.string()), (text) => {
        const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
        expect(isForwardedHeader(text)).toBe(/^x-aauth(-|$)/.test(plain));
      }),
    );
  });

  it('knows every name in every spelling of case and separator', () => {
    const separator = fc.constantFrom('-', '_', '.', '--');
    const cased = (text: string) =>
      fc
        .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
        .map((upper) => Array.from(text, (char, index) => (upper[index] ? char.toUpperCase() : char)).join(''));
    fc.assert(
      fc.property(
        cased('x'),
        separator,
        cased('aauth'),
        separator,
        cased('agent'),
        (x, first, aauth, second, agent) => {
          expect(isForwardedHeader(x + first + aauth + second + agent)).toBe(true);
        },
      ),
    );
  });
});
