/**
 * A resource on the library, in a process of its own: judges so many requests within so many seconds of its clock, which goes on with
 * each of them. Prints a line of JSON for each of so many parts.
 */
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { UnavailableError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { createResource } from '@aauth-stack/aauth/resource';
import { measure } from '../support/measure.ts';
import { createSoakingAgents, type SoakRequest } from './soaking-agents.ts';

const [requests = 0, seconds = 0, parts = 0] = process.argv.slice(2).map(Number);
const identifiers = { allowLoopback: true };
const issuer = parseServerIdentifier('http://agent-provider.localhost:8766', identifiers);
const authority = 'inventory.localhost:3000';
let time = 1_790_000_000;
const now = () => time;

const documents = new Map<string, unknown>([
  [`${issuer}/.well-known/aauth-agent.json`, { issuer, jwks_uri: `${issuer}/.well-known/jwks.json` }],
]);
const discovery = createDiscovery({
  async fetch(url) {
    const document = documents.get(url.href);
    if (!document) throw new UnavailableError(`${url.href} cannot be fetched from here.`);
    return { status: 200, headers: new Headers(), body: new TextEncoder().encode(JSON.stringify(document)) };
  },
  keys: nodeKeys,
  now,
  identifiers,
});
const resource = createResource({ discovery, identifiers, keys: nodeKeys, now, authority });
const agents = createSoakingAgents({
  issuer,
  authority,
  now,
  publish: (keys) => documents.set(`${issuer}/.well-known/jwks.json`, { keys }),
  strangers: 503,
});

async function judge({ method, path, headers, body, expected }: SoakRequest): Promise<string | undefined> {
  const message = { method, authority, path, query: '', headers: new Headers(headers) };
  const verdict = await resource.verify(message, body === undefined ? undefined : new TextEncoder().encode(body));
  const status = verdict.ok ? 200 : verdict.response.status;
  return status === expected ? undefined : `${method} ${path}: ${status} instead of ${expected}`;
}

// As many issuers as are remembered have been named before, so that no memory is still filling.
for (let strangers = 0; strangers < 1000; strangers++) {
  time += 1;
  await judge(await agents.stranger());
}
for (let part = 0; part < parts; part++) {
  const wrong: string[] = [];
  const count = Math.floor(requests / parts);
  for (let request = 0; request < count; request++) {
    time += seconds / requests;
    await agents.renew();
    const mistake = await judge(await agents.next(0));
    if (mistake !== undefined) wrong.push(mistake);
  }
  process.stdout.write(`${JSON.stringify({ answered: count, wrong: wrong.slice(0, 3), measured: await measure() })}\n`);
}
