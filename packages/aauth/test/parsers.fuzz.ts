import type { FuzzTargets } from '@aauth-stack/fuzz';
import { interactionLink } from '../src/agent/interaction-link.ts';
import { readPeerProblem } from '../src/agent/peer-problem.ts';
import { readRevocationAnswer, readRevocationPoll } from '../src/agent/revocation-answer.ts';
import { readSignatureRefusal } from '../src/agent/signature-refusal.ts';
import { parseCapabilities } from '../src/capabilities.ts';
import { normalizeInteractionCode } from '../src/deferred/interaction-code.ts';
import { readOutcome } from '../src/deferred/outcome.ts';
import { poll } from '../src/deferred/poll.ts';
import { parsePrefer } from '../src/deferred/prefer.ts';
import { parseHttpDate, parseRetryAfter } from '../src/deferred/retry-after.ts';
import { freshnessLifetime } from '../src/discovery/freshness.ts';
import { readKeySet } from '../src/discovery/key-set.ts';
import { jwksUrl, readMetadata } from '../src/discovery/metadata.ts';
import { AAuthError } from '../src/errors.ts';
import { parseAgentIdentifier, parseEndpointUrl, parseServerIdentifier } from '../src/identifiers.ts';
import { parsePublicJwk } from '../src/keys/jwk.ts';
import { parseThumbprint, parseThumbprintUri } from '../src/keys/thumbprint.ts';
import { nodeKeys } from '../src/node/keys.ts';
import { formatRequirement, isKnownRequirement, parseRequirement } from '../src/requirement.ts';
import { parseForwardedHeaders, proxySecretHeader } from '../src/resource/forwarded.ts';
import { parseRevocationRequest } from '../src/resource/revocation.ts';
import { parseContentDigest } from '../src/signatures/content-digest.ts';
import { hwkScheme } from '../src/signatures/hwk.ts';
import { jktJwtScheme } from '../src/signatures/jkt-jwt.ts';
import { parseSignatureInput } from '../src/signatures/signature-input.ts';
import { parseSignatureKey } from '../src/signatures/signature-key.ts';
import { parseSignature, verifyMessage } from '../src/signatures/verify.ts';
import { decodeTokenForDisplay, parseJwt, signJwt } from '../src/tokens/jwt.ts';
import { parseScope } from '../src/tokens/scope.ts';
import { createTokenVerifier } from '../src/tokens/verify-token.ts';
import { createTestParties } from './support/agent-provider.ts';

const policy = { allowLoopback: true };
const parties = await createTestParties();
const { issuer, issuerKey, agentKey, clock, discovery } = parties;
const url = new URL(`${issuer}/.well-known/aauth-agent.json`);
const now = clock.now;
parties.web.publishIssuer(issuer, 'aauth-person.json', [issuerKey.publicJwk]);
const verifyToken = createTokenVerifier({
  discovery,
  identifiers: policy,
  keys: nodeKeys,
  now,
  accepts: ['aa-agent+jwt', 'aa-person+jwt', 'aa-auth+jwt'],
  audience: issuer,
  personServers: [{ issuer }],
});
const token = await parties.token({ claims: { ps: 'https://ps.example', parent_agent: 'aauth:parent@ap.example' } });
const [, payload = ''] = token.split('.');
const claims = Buffer.from(payload, 'base64url').toString();
const jwk = JSON.stringify({ ...issuerKey.publicJwk, kid: 'ap-1', use: 'sig' });
const { x } = agentKey.publicJwk;
const thumbprint = agentKey.thumbprint;
const secret = 'a-secret-of-32-characters-or-more';
const problem = JSON.stringify({ type: 'about:blank', status: 403, error: 'denied', detail: 'The person said no.' });
const input =
  'sig=("@method" "@authority" "@path" "@query" "signature-key" "content-digest");created=1767225600;expires=1767225660';
const digest = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:';
const signature = `sig=:${'A'.repeat(86)}==:`;
const hwk = `sig=hwk;kty="OKP";crv="Ed25519";x="${x}";alg="Ed25519"`;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
const documentOf = (text: string) => ({ status: 200, headers: new Headers(), body: new TextEncoder().encode(text) });
/** A field as it comes over the wire; what cannot stand in one does not arrive as one. */
const fieldsOf = (fields: Record<string, string>): Headers | undefined => {
  try {
    return new Headers(fields);
  } catch {
    return undefined;
  }
};
const responseOf = (status: number, text: string, fields: Record<string, string> = {}) => {
  const headers = fieldsOf(fields);
  return headers && new Response(status === 204 ? null : text, { status, headers });
};
const lines = (text: string) => {
  const [first = '', second = '', ...rest] = text.split('\n');
  return [first, second, rest.join('\n')] as const;
};

/** Lets pass only what a service turns into an answer to the peer, and that no longer than what it is about. */
const refusing = (read: (text: string) => unknown) => async (text: string) => {
  try {
    return await read(text);
  } catch (error) {
    if (!(error instanceof AAuthError)) throw error;
    if (error.message.length > 300 + 6 * text.length) throw new Error(`The refusal is long: ${error.message}`);
    return undefined;
  }
};

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Everything of this package that reads what a peer has sent. */
export const targets: FuzzTargets = {
  'Signature-Input': {
    read: refusing((text) => parseSignatureInput(text, ['@method'])),
    examples: [input, 'a=();created=1, sig=("x";sf "y";key="z";bs;req;tr);nonce="n";alg="ed25519";keyid="k";tag="t"'],
  },
  Signature: { read: refusing((text) => parseSignature(text, 'sig')), examples: [signature, 'a=:AA==:, sig=:BB==:'] },
  'Signature-Key': {
    read: refusing((text) => parseSignatureKey(text, 'sig')),
    examples: [
      hwk,
      `sig=jwt;jwt="${token}"`,
      'sig=jwks_uri;id="https://ps.example";dwk="aauth-person.json";kid="k1"',
      `sig=jkt-jwt;jwt="${token}"`,
      'sig=cached, other=1',
    ],
  },
  'Content-Digest': { read: refusing(parseContentDigest), examples: [digest, `sha-512=:AA==:, ${digest}`] },
  'a signature and its key': {
    read: refusing((text) => {
      const [one, two, three] = lines(text);
      const headers = fieldsOf({ 'signature-input': one, signature: two, 'signature-key': three });
      const message = { method: 'GET', authority: 'a.example', path: '/', query: '' };
      const schemes = { hwk: hwkScheme({ keys: nodeKeys }), 'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now }) };
      return headers && verifyMessage({ ...message, headers }, { schemes, now, keys: nodeKeys });
    }),
    examples: [[input, signature, hwk].join('\n'), [input, signature, `sig=jkt-jwt;jwt="${token}"`].join('\n')],
  },
  'Signature-Error': {
    read: (text) => {
      const response = responseOf(401, '', { 'signature-error': text });
      const refusal = response && readSignatureRefusal(response);
      check(refusal === undefined || refusal.code.length <= 64, 'The code is long.');
    },
    examples: ['error=invalid_input, required_input=("@method" "x";sf)', 'error=unknown_key'],
  },
  'AAuth-Requirement': {
    read: (text) => {
      const requirement = parseRequirement(text);
      if (requirement?.requirement !== 'interaction' || !isKnownRequirement(requirement.requirement)) return;
      const { url: link, code } = requirement.parameters;
      if (link === undefined || code === undefined) return;
      const again = parseRequirement(
        formatRequirement({ requirement: 'interaction', parameters: { url: link, code } }),
      );
      check(again?.parameters.url === link && again.parameters.code === code, 'It is not what was written.');
    },
    examples: [
      'requirement=interaction;url="https://ps.example/consent";code="A1B2-C3D4"',
      `requirement=auth-token;resource-token="${token}"`,
      'requirement=agent-token, other;a=?1;b=:AA==:;c=1.5;d=@1;e=%"f%c3%bc"',
    ],
  },
  'a way to a decision': {
    read: refusing((text) => {
      const [link, code] = lines(text);
      const parameters = { url: link, code };
      const pending = { location: url, status: 'pending', retryAfter: 1, expiresAt: undefined, body: {} } as const;
      const requirement = { requirement: 'interaction', parameters };
      const found = interactionLink(
        { ...pending, requirement },
        { identifiers: policy, callback: 'https://a.example/' },
      );
      check(found === undefined || /^https?:$/.test(new URL(found.url).protocol), 'Nobody should open it.');
    }),
    examples: ['https://ps.example/consent\nA1B2-C3D4', 'http://127.0.0.1:8765/ui?x=1#y\nabcdefgh'],
  },
  'AAuth-Capabilities': { read: parseCapabilities, examples: ['interaction, clarification, payment;a=1', '("a")'] },
  Prefer: { read: parsePrefer, examples: ['wait=10', 'respond-async; foo="bar", wait=10;x, Wait = "5"'] },
  'Retry-After': {
    read: (text) => {
      const seconds = parseRetryAfter(text, now);
      check(seconds === undefined || (seconds >= 0 && Number.isFinite(seconds)), 'It is no time to wait.');
    },
    examples: ['120', 'Thu, 01 Jan 2026 00:00:10 GMT', '-1', '1e9'],
  },
  Date: { read: parseHttpDate, examples: ['Thu, 01 Jan 2026 00:00:10 GMT', 'Thursday, 01-Jan-26 00:00:10 GMT'] },
  'Cache-Control': {
    read: (text) => {
      const headers = fieldsOf({ 'cache-control': text, age: text });
      const seconds = headers && freshnessLifetime(headers);
      check(seconds === undefined || (seconds >= 0 && Number.isFinite(seconds)), 'It is no time to keep something.');
    },
    examples: ['public, max-age=300', 'no-store, max-age="60", s-maxage=1', '60'],
  },
  'a problem': {
    read: async (text) => {
      const response = responseOf(400, text);
      const { code, message } = response ? await readPeerProblem(response, 'The peer') : { code: 'a', message: 'a' };
      check(code === undefined || /^\S{1,64}$/.test(code), 'The code is long.');
      check(/^[^\p{Cc}]{1,700}$/u.test(message) && message.isWellFormed(), 'The message is long, or of many lines.');
    },
    examples: [problem, '{"error":"slow_down","detail":7}', '[]', '"x"'],
  },
  'the end of a pending request': {
    read: async (text) => {
      for (const status of [403, 408, 410, 500, 502]) {
        const error = await readOutcome(new Response(text, { status }));
        check(error === undefined || error.message.length < 700, 'The message is long.');
      }
    },
    examples: [problem, '{"error":"expired"}', '{"error":"as_unreachable","detail":"x"}'],
  },
  'a pending request': {
    read: refusing(async (text) => {
      const [location, requirement, body] = lines(text);
      const pending = responseOf(202, body, { location, 'aauth-requirement': requirement, 'retry-after': '0' });
      const fetch = async () => new Response('{}', { status: 200 });
      if (!pending) return;
      const sleep = () => Promise.resolve();
      await poll(fetch, pending, { now, sleep, deadline: clock.now() + 60, url: `${issuer}/a` });
    }),
    examples: [`/pending/1\nrequirement=approval\n{"status":"pending","expires_at":"2026-01-01T00:00:00Z"}`],
  },
  'an answer to a revocation': {
    read: async (text) => {
      for (const status of [200, 202, 403, 503]) {
        const response = () => new Response(text, { status, headers: { location: '/pending/1' } });
        const outcomes = [
          await readRevocationAnswer(response(), url, now),
          await readRevocationPoll(response(), url, now),
        ];
        check(
          outcomes.every(({ error = '' }) => error.length <= 300),
          'The reason is long.',
        );
      }
    },
    examples: ['{"downstream":[{"recipient":"https://rs.example","error":"revocation_unsupported"}]}', problem],
  },
  'a JWT': { read: refusing((text) => parseJwt(text, ['aa-agent+jwt'])), examples: [token] },
  'a token to show': { read: decodeTokenForDisplay, examples: [token] },
  'the claims of an agent token': {
    read: refusing(async (text) => {
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      await verifyToken(await signJwt('aa-agent+jwt', { ...value }, issuerKey));
    }),
    examples: [claims],
  },
  'the claims of a person token': {
    read: refusing(async (text) => {
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      await verifyToken(await signJwt('aa-person+jwt', { ...value }, issuerKey));
    }),
    examples: [
      claims.replace('aauth-agent', 'aauth-person').replace('{', `{"aud":"${issuer}","sub":"p","tenant":"t",`),
    ],
  },
  'the claims of an auth token': {
    read: refusing(async (text) => {
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      await verifyToken(await signJwt('aa-auth+jwt', { ...value }, issuerKey));
    }),
    examples: [
      claims
        .replace('aauth-agent', 'aauth-person')
        .replace('{', `{"aud":"${issuer}","scope":"a b","account":"c",`)
        .replace('https://ps.example', issuer),
    ],
  },
  metadata: {
    read: refusing((text) => jwksUrl(readMetadata(issuer, url, documentOf(text)), policy)),
    examples: [JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks.json`, name: 'An issuer', logo_uri: 'https://a/' })],
  },
  'a key set': {
    read: refusing((text) => readKeySet(url, documentOf(text), nodeKeys).find('ap-1')),
    examples: [`{"keys":[${jwk}]}`, `{"keys":[{"kid":"ap-1"},7,${jwk}]}`],
  },
  'a key': {
    read: refusing((text) => parsePublicJwk(parseJson(text))),
    examples: [
      jwk,
      '{"kty":"EC","crv":"P-256","x":"AA","y":"AA","alg":"ES256"}',
      '{"kty":"oct","k":"AA","alg":"HS256"}',
    ],
  },
  'a revocation': {
    read: refusing((text) => parseRevocationRequest(new TextEncoder().encode(text))),
    examples: ['{"jti":"0198e5d6","exp":1767229200}'],
  },
  'an interaction code': {
    read: (text) =>
      check(/^[0-9A-HJKMNP-TV-Z]{8,}$/.test(normalizeInteractionCode(text) ?? '00000000'), 'It is no code.'),
    examples: ['a1b2-c3d4', 'OIL0-1111'],
  },
  'an agent identifier': {
    read: refusing((text) => {
      const { id } = parseAgentIdentifier(text);
      check(id === text, 'It is another one.');
    }),
    examples: ['aauth:demo@ap.example', 'aauth:parent+child@agent-provider.localhost:8766'],
  },
  'a server identifier': {
    read: refusing((text) => {
      const server = parseServerIdentifier(text, { allowLoopback: false });
      check(server === text && new URL(server).origin === server, 'It is another one.');
    }),
    examples: ['https://ps.example', 'https://xn--bcher-kva.example', 'http://127.0.0.1:1', 'https://[::1]'],
  },
  'an endpoint': {
    read: refusing((text) => {
      const { protocol, username, password } = parseEndpointUrl(text, { allowLoopback: false });
      check(protocol === 'https:' && username === '' && password === '', 'Nothing should be sent there.');
    }),
    examples: ['https://ps.example/auth-token?x=1', 'https://a@b.example/', 'https://2130706433/'],
  },
  'a thumbprint': { read: refusing(parseThumbprint), examples: [thumbprint] },
  'a thumbprint URI': { read: refusing(parseThumbprintUri), examples: [`urn:jkt:sha-256:${thumbprint}`] },
  'a scope': { read: refusing(parseScope), examples: ['supply-chain:read openid', 'a  b'] },
  'what a proxy says': {
    read: refusing((text) => {
      const [level, agent, server] = lines(text);
      const headers = fieldsOf({
        [proxySecretHeader]: secret,
        'x-aauth-level': level,
        'x-aauth-scheme': 'jwt',
        'x-aauth-jkt': thumbprint,
        'x-aauth-agent': agent,
        'x-aauth-agent-server': server,
        'x-aauth-scope': agent,
      });
      return headers && parseForwardedHeaders(headers, secret);
    }),
    examples: ['identified\naauth:demo@ap.example\nhttps://ap.example', 'authorized\n\n'],
  },
};
