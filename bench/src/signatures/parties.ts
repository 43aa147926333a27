import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { agentDomain, parseAgentIdentifier, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';

const identifiers = { allowLoopback: false };
const issuer = parseServerIdentifier('https://agents.example', identifiers);
const subject = parseAgentIdentifier(`aauth:buyer@${agentDomain(issuer)}`).id;
export const authority = 'inventory.example';
export const body = new TextEncoder().encode(JSON.stringify({ prompt: 'perform market analysis '.repeat(40) }));

/** Signed at one moment that stays the present: nothing expires while it is measured. */
const present = Math.floor(Date.now() / 1000);
export const now = () => present;

/** A request as a server has it: fields by name. */
export interface ServerRequest {
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
}

/** An agent provider whose metadata and keys are at hand, an agent of it, and requests that the agent has signed. */
export async function createParties() {
  const issuerKey = await nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), kid: 'ap-1' });
  const agentJwk = await nodeKeys.generate('Ed25519');
  const agentKey = await nodeKeys.signingKey(agentJwk);
  const pages = new Map<string, unknown>([
    [`${issuer}/.well-known/aauth-agent.json`, { issuer, jwks_uri: `${issuer}/jwks.json` }],
    [`${issuer}/jwks.json`, { keys: [issuerKey.publicJwk] }],
  ]);
  const discovery = createDiscovery({
    identifiers,
    keys: nodeKeys,
    now,
    async fetch(url) {
      const body = new TextEncoder().encode(JSON.stringify(pages.get(url.href)));
      return { status: 200, headers: new Headers(), body };
    },
  });
  const newToken = async (key: SigningKey = agentKey) =>
    (await issueAgentToken({ issuer, subject, key: issuerKey, cnf: key.publicJwk, now })).token;

  async function signed(token: string, content?: Uint8Array, key: SigningKey = agentKey): Promise<ServerRequest> {
    const headers = new Headers(content ? { 'content-type': 'application/json' } : {});
    const request = { method: content ? 'POST' : 'GET', authority, path: '/stock', query: '', headers };
    const fields = await signMessage(request, {
      key,
      signatureKey: jwtSignatureKey(token),
      created: present,
      keys: nodeKeys,
      ...(content && { body: content }),
    });
    for (const [name, value] of Object.entries(fields)) headers.set(name, value);
    return request;
  }

  return { identifiers, discovery, issuerKey, agentJwk, agentKey, newToken, signed };
}

export type Parties = Awaited<ReturnType<typeof createParties>>;
