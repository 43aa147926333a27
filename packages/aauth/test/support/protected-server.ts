import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createDiscovery } from '../../src/discovery/discovery.ts';
import { parseServerIdentifier, type ServerIdentifier } from '../../src/identifiers.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import { createEgressFetch } from '../../src/node/egress.ts';
import { verifyNodeRequest } from '../../src/node/http-message.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import type { ResourceOptions } from '../../src/resource/options.ts';
import { createResource } from '../../src/resource/resource.ts';
import type { Verdict } from '../../src/resource/types.ts';
import { jwtSignatureKey, signMessage } from '../../src/signatures/index.ts';
import type { SignatureKeyValue } from '../../src/signatures/types.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import { createTestClock } from './clock.ts';
import { createKey } from './keys.ts';
import { startServer } from './server.ts';

/** A request as a test wants it signed and sent. */
export interface TestRequest {
  readonly method?: string;
  /** With its query. */
  readonly target?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SigningChanges {
  readonly key?: SigningKey;
  readonly signatureKey?: SignatureKeyValue;
  readonly authority?: string;
  readonly created?: number;
  readonly components?: readonly string[];
}

export interface TestResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * An agent provider and a protected resource, each a `node:http` server on a free port, and an agent with its key. What the
 * agent provider publishes can be changed while it runs.
 */
export async function startProtectedServer(
  options: (issuer: ServerIdentifier) => Partial<ResourceOptions> = () => ({}),
) {
  const clock = createTestClock();
  const agentKey = await createKey();
  const providerKey = await createKey('ap-1');
  const published: { metadata: unknown; jwks: unknown } = {
    metadata: undefined,
    jwks: { keys: [providerKey.publicJwk] },
  };
  const asked: string[] = [];
  const provider = await startServer((req, res) => {
    asked.push(`${req.url}`);
    const document = req.url === '/jwks' ? published.jwks : published.metadata;
    if (document === undefined) res.writeHead(500).end();
    else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  const identifiers = { allowLoopback: true };
  const domain = `ap.localhost:${provider.port}`;
  const issuer = parseServerIdentifier(`http://${domain}`, identifiers);
  published.metadata = { issuer, jwks_uri: `${issuer}/jwks` };

  const verdicts: Verdict[] = [];
  const reached: string[] = [];
  const resource = createResource({
    discovery: createDiscovery({
      fetch: createEgressFetch({ allowLoopback: true, timeoutMs: 1000 }),
      keys: nodeKeys,
      now: clock.now,
      identifiers,
    }),
    identifiers,
    keys: nodeKeys,
    now: clock.now,
    identifier: parseServerIdentifier('http://inventory.localhost:3000', identifiers),
    additionalComponents: ['@query', 'content-type', 'content-digest'],
    observe: (verdict) => verdicts.push(verdict),
    ...options(issuer),
  });
  let open = 0;
  const { port } = await startServer(async (req, res) => {
    open += 1;
    res.on('close', () => {
      open -= 1;
    });
    const { verdict, body } = await verifyNodeRequest(resource, req);
    if (!verdict.ok) {
      res.writeHead(verdict.response.status, verdict.response.headers).end(verdict.response.body);
      return;
    }
    reached.push(`${req.method} ${req.url}`);
    res.end(JSON.stringify({ level: verdict.principal.level, length: body?.length ?? 0 }));
  });

  async function token(claims: object = {}, type = 'aa-agent+jwt', key = providerKey, header: object = {}) {
    const iat = clock.now();
    const sub = `aauth:demo@${domain}`;
    const common = { iss: issuer, dwk: 'aauth-agent.json', sub, jti: crypto.randomUUID(), iat, exp: iat + 3600 };
    return signJwt(type, { ...common, cnf: { jwk: agentKey.publicJwk }, ...claims }, key, { ...header });
  }

  async function sign(request: TestRequest = {}, changes: SigningChanges = {}): Promise<Record<string, string>> {
    const { method = 'GET', target = '/stock?item=1', body } = request;
    const url = new URL(target, 'http://inventory.localhost:3000');
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...request.headers };
    const fields = new Headers(headers);
    const message = {
      method,
      authority: changes.authority ?? url.host,
      path: url.pathname,
      query: url.search,
      headers: fields,
    };
    const signature = await signMessage(message, {
      key: changes.key ?? agentKey,
      signatureKey: changes.signatureKey ?? jwtSignatureKey(await token()),
      additionalComponents: changes.components ?? ['@query'],
      body: body === undefined ? undefined : new TextEncoder().encode(body),
      created: changes.created ?? clock.now(),
    });
    return { ...headers, ...signature };
  }

  async function send(
    request: TestRequest,
    headers: Readonly<Record<string, string | string[]>>,
  ): Promise<TestResponse> {
    const { method = 'GET', target: path = '/stock?item=1', body } = request;
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (res) => {
        res.setEncoding('utf8');
        let text = '';
        for await (const chunk of res) text += chunk;
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text });
      });
      sent.on('error', reject).end(body);
    });
  }

  /** How many requests are being answered. */
  const connections = () => open;

  return { clock, agentKey, published, asked, verdicts, reached, port, connections, token, sign, send };
}
