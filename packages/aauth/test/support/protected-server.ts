import { createDiscovery } from '../../src/discovery/discovery.ts';
import { parseServerIdentifier, type ServerIdentifier } from '../../src/identifiers.ts';
import { createEgressFetch } from '../../src/node/egress.ts';
import { verifyNodeRequest } from '../../src/node/http-message.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import type { ResourceOptions } from '../../src/resource/options.ts';
import { createResource } from '../../src/resource/resource.ts';
import type { Verdict } from '../../src/resource/types.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import { createTestClock } from './clock.ts';
import { createKey } from './keys.ts';
import { createRequests } from './requests.ts';
import { startServer } from './server.ts';

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

  const { sign, send } = createRequests({
    origin: 'http://inventory.localhost:3000',
    target: '/stock?item=1',
    port: () => port,
    now: clock.now,
    key: agentKey,
    token,
  });

  /** How many requests are being answered. */
  const connections = () => open;

  return { clock, agentKey, published, asked, verdicts, reached, port, connections, token, sign, send };
}
