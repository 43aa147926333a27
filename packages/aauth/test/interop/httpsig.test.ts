import type { IncomingMessage, ServerResponse } from 'node:http';
import * as httpsig from '@hellocoop/httpsig';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createDiscovery } from '../../src/discovery/index.ts';
import { createEgressFetch, httpMessageFromNode, nodeKeys, readBody } from '../../src/node/index.ts';
import { toProblem } from '../../src/problem.ts';
import {
  hwkScheme,
  jktJwtScheme,
  messageFromRequest,
  type SchemeTable,
  signMessage,
  verifyMessage,
} from '../../src/signatures/index.ts';
import { createTokenVerifier, jwksUriScheme, jwtScheme, type PresentedToken } from '../../src/tokens/index.ts';
import { createSender, type Scheme, schemes, startServer, stopAll } from './parties.ts';

const identifiers = { allowLoopback: true };
const now = systemClock;
let ours: string;
let theirs: string;

beforeAll(async () => {
  ours = await startServer(verifyWithOurs);
  theirs = await startServer(verifyWithHttpsig);
});

afterAll(stopAll);

describe.each(['Ed25519', 'ES256'] as const)('%s', (alg) => {
  describe.each(schemes)('%s', (scheme) => {
    test.each(['', '{"prompt":"perform market analysis"}'])('we verify what httpsig signs, body %j', async (body) => {
      const sender = await createSender(alg);
      const response = await httpsig.fetch(`${ours}/tasks?limit=3`, {
        method: body ? 'POST' : 'GET',
        ...(body && { body, headers: { 'content-type': 'application/json' } }),
        signingKey: sender.jwk,
        signatureKey: await sender.forHttpsig(scheme),
      });
      expect(await facts(response)).toEqual({
        status: 200,
        scheme,
        thumbprint: await httpsig.calculateThumbprint(sender.jwk),
        bodyVerified: body !== '',
      });
    });

    test.each(['', '{"prompt":"perform market analysis"}'])('httpsig verifies what we sign, body %j', async (body) => {
      const sender = await createSender(alg);
      const request = new Request(`${theirs}/tasks?limit=3`, {
        method: body ? 'POST' : 'GET',
        ...(body && { body, headers: { 'content-type': 'application/json' } }),
      });
      const key = await nodeKeys.signingKey(sender.jwk);
      const signed = await signMessage(messageFromRequest(request), {
        key,
        signatureKey: await sender.forOurs(scheme),
        ...(body && { body: new TextEncoder().encode(body) }),
        created: Math.floor(now()),
      });
      for (const [name, value] of Object.entries(signed)) request.headers.set(name, value);
      expect(await facts(await fetch(request))).toEqual({
        status: 200,
        scheme: scheme.replace('-', '_'),
        thumbprint: key.thumbprint,
        bodyVerified: body !== '',
      });
    });
  });
});

describe('refusals', () => {
  test('httpsig reads our Signature-Error and its companions', async () => {
    const sender = await createSender('Ed25519');
    const send = (options: { components?: string[]; scheme?: Scheme }) =>
      httpsig.fetch(`${ours}/tasks`, {
        signingKey: sender.jwk,
        signatureKey: { type: 'hwk' },
        components: options.components,
        headers: { 'x-accept': options.scheme ?? 'hwk' },
      });
    expect((await send({})).status).toBe(200);

    const incomplete = await send({ components: ['@method', '@authority', 'signature-key'] });
    expect(incomplete.status).toBe(401);
    expect(httpsig.parseSignatureError(incomplete.headers.get('signature-error') ?? '')).toEqual({
      error: 'invalid_input',
      required_input: ['@method', '@authority', '@path', 'signature-key'],
    });

    const elsewhere = await send({ scheme: 'jwt' });
    expect(elsewhere.status).toBe(401);
    expect(httpsig.parseSignatureError(elsewhere.headers.get('signature-error') ?? '').error).toBe(
      'unsupported_scheme',
    );
    expect(httpsig.parseAcceptSignatureScheme(elsewhere.headers.get('accept-signature-scheme') ?? '')).toEqual(['jwt']);
  });

  test('httpsig leaves out the "?" that RFC 9421 §2.2.7 puts before @query, so we refuse its signature over it', async () => {
    const sender = await createSender('Ed25519');
    const send = (components: string[]) =>
      httpsig.fetch(`${ours}/tasks?limit=3`, { signingKey: sender.jwk, signatureKey: { type: 'hwk' }, components });
    const components = ['@method', '@authority', '@path', 'signature-key'];
    expect((await send(components)).status).toBe(200);
    expect((await send([...components, '@query'])).headers.get('signature-error')).toBe('error=invalid_signature');
  });

  test('httpsig refuses what we signed once the body has changed on its way', async () => {
    const sender = await createSender('Ed25519');
    const send = async (body: string) => {
      const request = new Request(`${theirs}/tasks`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain' },
      });
      const signed = await signMessage(messageFromRequest(request), {
        key: await nodeKeys.signingKey(sender.jwk),
        signatureKey: await sender.forOurs('hwk'),
        body: new TextEncoder().encode('true'),
        created: Math.floor(now()),
      });
      for (const [name, value] of Object.entries(signed)) request.headers.set(name, value);
      return (await fetch(request)).status;
    };
    expect(await send('true')).toBe(200);
    expect(await send('false')).toBe(401);
  });
});

const discovery = createDiscovery({
  fetch: createEgressFetch({ allowLoopback: true }),
  keys: nodeKeys,
  now,
  identifiers,
});
const table: Required<SchemeTable<PresentedToken>> = {
  hwk: hwkScheme({ keys: nodeKeys }),
  jwt: jwtScheme({ verifyToken: createTokenVerifier({ discovery, keys: nodeKeys, now, identifiers }) }),
  jwks_uri: jwksUriScheme({ discovery, identifiers }),
  'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now }),
};

async function verifyWithOurs(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readBody(req);
  const only = req.headers['x-accept'];
  try {
    const { identity, jkt, bodyVerified } = await verifyMessage(httpMessageFromNode(req), {
      schemes: only === 'jwt' ? { jwt: table.jwt } : table,
      requireBodyCoverage: true,
      body,
      now,
      keys: nodeKeys,
    });
    res.end(JSON.stringify({ scheme: identity.scheme, thumbprint: jkt, bodyVerified }));
  } catch (error) {
    const problem = toProblem(error);
    res.writeHead(problem.status, problem.headers).end(problem.body);
  }
}

async function verifyWithHttpsig(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = await readBody(req);
  const { pathname, search } = new URL(req.url ?? '', 'http://host');
  const result = await httpsig.verify(
    {
      method: req.method ?? '',
      authority: req.headers.host ?? '',
      path: pathname,
      ...(search && { query: search.slice(1) }),
      headers: new Headers(Object.entries(req.headersDistinct).map(([name, values = []]) => [name, values.join(', ')])),
      ...(body && { body }),
    },
    { requireContentDigest: true },
  );
  const { verified, keyType, thumbprint, error } = result;
  const answer = { scheme: keyType, thumbprint, bodyVerified: body !== undefined, ...(error && { error }) };
  res.writeHead(verified ? 200 : 401).end(JSON.stringify(answer));
}

async function facts(response: Response): Promise<object> {
  return { status: response.status, ...Object(await response.json()) };
}
