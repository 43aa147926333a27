import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPeerProblem } from './agent/peer-problem.ts';
import { readSignatureRefusal } from './agent/signature-refusal.ts';
import { parseCapabilities } from './capabilities.ts';
import { normalizeInteractionCode } from './deferred/interaction-code.ts';
import { parsePrefer } from './deferred/prefer.ts';
import { parseHttpDate, parseRetryAfter } from './deferred/retry-after.ts';
import { freshnessLifetime } from './discovery/freshness.ts';
import { readKeySet } from './discovery/key-set.ts';
import { readMetadata } from './discovery/metadata.ts';
import { AAuthError } from './errors.ts';
import { parseAgentIdentifier, parseEndpointUrl, parseServerIdentifier } from './identifiers.ts';
import { webCryptoKeys } from './keys/index.ts';
import { parsePublicJwk } from './keys/jwk.ts';
import { parseThumbprint, parseThumbprintUri } from './keys/thumbprint.ts';
import { parseRequirement } from './requirement.ts';
import { parseRevocationRequest } from './resource/revocation.ts';
import { parseContentDigest } from './signatures/content-digest.ts';
import { parseSignatureInput } from './signatures/signature-input.ts';
import { parseSignatureKey } from './signatures/signature-key.ts';
import { parseSignature } from './signatures/verify.ts';
import { decodeTokenForDisplay, parseJwt } from './tokens/jwt.ts';
import { parseScope } from './tokens/scope.ts';

const policy = { allowLoopback: true };
const issuer = parseServerIdentifier('https://ap.example', policy);
const url = new URL('https://ap.example/.well-known/aauth-agent.json');
const encode = (text: string) => new TextEncoder().encode(text);
const documentOf = (text: string) => ({ status: 200, headers: new Headers(), body: encode(text) });
const fields = (name: string, value: string) => new Headers([[name, value]]);

/** Everything that reads a text of a peer, by what the text is. */
const parsers: Record<string, (text: string) => unknown> = {
  'Signature-Input': (text) => parseSignatureInput(text, ['@method']),
  Signature: (text) => parseSignature(text, 'sig'),
  'Signature-Key': (text) => parseSignatureKey(text, 'sig'),
  'Content-Digest': parseContentDigest,
  'Signature-Error': (text) =>
    readSignatureRefusal(new Response(null, { status: 401, headers: fields('signature-error', text) })),
  'AAuth-Requirement': parseRequirement,
  'AAuth-Capabilities': parseCapabilities,
  Prefer: parsePrefer,
  'Retry-After': (text) => parseRetryAfter(text, () => 0),
  Date: parseHttpDate,
  'Cache-Control': (text) => freshnessLifetime(fields('cache-control', text)),
  'a problem': async (text) => {
    const problem = await readPeerProblem(new Response(text, { status: 400 }), 'The peer');
    expect(`${problem.code} ${problem.message}`).toMatch(/^\S{1,64} [^\p{Cc}]{1,600}$/u);
    expect(problem.message.isWellFormed()).toBe(true);
  },
  'a JWT': (text) => parseJwt(text, ['aa-agent+jwt']),
  'a token to show': decodeTokenForDisplay,
  metadata: (text) => readMetadata(issuer, url, documentOf(text)),
  'a key set': (text) => readKeySet(url, documentOf(text), webCryptoKeys).find('a'),
  'a key': (text) => parsePublicJwk(parseJson(text)),
  'a revocation': (text) => parseRevocationRequest(encode(text)),
  'an interaction code': normalizeInteractionCode,
  'an agent identifier': parseAgentIdentifier,
  'a server identifier': (text) => parseServerIdentifier(text, policy),
  'an endpoint': (text) => parseEndpointUrl(text, policy),
  'a thumbprint': parseThumbprint,
  'a thumbprint URI': parseThumbprintUri,
  'a scope': parseScope,
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Parses, and lets pass only what a service turns into an answer to the peer. */
async function attempt(parse: (text: string) => unknown, text: string): Promise<void> {
  try {
    await parse(text);
  } catch (error) {
    // What cannot stand in a header does not arrive as one.
    if (error instanceof TypeError && /header|ByteString/i.test(error.message)) return;
    if (!(error instanceof AAuthError)) throw error;
    expect(error.message.length).toBeLessThan(200 + text.length);
  }
}

describe.each(Object.entries(parsers))('%s', (_name, parse) => {
  const words = [
    'sig',
    '=',
    ';',
    ',',
    ' ',
    '"',
    '\\',
    '(',
    ')',
    ':',
    '?1',
    '*',
    '%"',
    '@path',
    'wait',
    'max-age',
    '\t',
  ];
  const json = [
    '{',
    '}',
    '[',
    ']',
    '"kty"',
    '"OKP"',
    '"kid"',
    '"a"',
    '"keys"',
    '"issuer"',
    '"__proto__"',
    'null',
    '1e999',
  ];
  const jose = [
    'eyJ',
    '.',
    '-_',
    'aauth:',
    'https://',
    '@',
    '/',
    '#',
    '%2e',
    '[::1]',
    'urn:jkt:sha-256:',
    '\0',
    'é',
    '\u{1f600}',
  ];
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...words, ...json, ...jose) }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.json({ maxDepth: 4 }),
  );

  test('refuses what it cannot read with an error for the peer, and nothing else', async () => {
    await fc.assert(fc.asyncProperty(text, (value) => attempt(parse, value)));
  });

  // 2^15 times the same is more than fits into a header: quadratic time is seconds here, linear time is not to be noticed.
  const starts = ['', 'a=', 'a=("', '{"a":["', 'eyJ', 'a@', 'https://'];
  const units = [' ', ',', ';', '"', '\\', '(', '[', '=', 'a', '.', '-', 'a;', '"a"', '%', ', ', '; '];
  const pumped = starts.flatMap((start) =>
    units.flatMap((unit) => ['', '('].map((end) => start + unit.repeat(2 ** 15 / unit.length) + end)),
  );

  test('takes no longer for a text that is made to take long', async () => {
    for (const value of pumped) {
      const before = performance.now();
      await attempt(parse, value);
      const took = performance.now() - before;
      expect(took, `${value.slice(0, 8)}…${value.slice(-3)}`).toBeLessThan(1500);
    }
  });
});
