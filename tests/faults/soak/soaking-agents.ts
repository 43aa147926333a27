import {
  agentDomain,
  parseAgentIdentifier,
  parseServerIdentifier,
  type ServerIdentifier,
} from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';

/** A request to be sent, and the status that it has to be answered with. */
export interface SoakRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
  expected: number;
}

export interface SoakingAgentsOptions {
  issuer: ServerIdentifier;
  authority: string;
  now: () => number;
  /** Publishes what the agent provider's key set is from now on. */
  publish: (keys: readonly unknown[]) => void;
  /** With which status strangers are refused. */
  strangers: number;
}

export interface SoakingAgents {
  /** Renews what has become old. Called before requests are made of a time that is later. */
  renew(): Promise<void>;
  /** A request by somebody whom nobody knows and who is nowhere, each time another. */
  stranger(): Promise<SoakRequest>;
  /** The next request of a lane. Requests of one lane are sent one after another. */
  next(lane: number): Promise<SoakRequest>;
}

interface Credentials {
  key: SigningKey;
  token: string;
  /** Seconds since the epoch. */
  issuedAt: number;
  /** The token before this one. */
  outdated: string | undefined;
}

const agents = 20;
/** Seconds after which agents have a new key and token, and the agent provider a new key. */
const renewal = 3300;
const rotation = 6 * 3600;

/**
 * A day in the life of a resource, however many requests that day has: agents that renew their tokens, a provider that rotates its key,
 * and among the requests, always in the same share, those that must be refused.
 */
export function createSoakingAgents(options: SoakingAgentsOptions): SoakingAgents {
  const { issuer, authority, now, publish, strangers } = options;
  const published: SigningKey[] = [];
  const credentials: Credentials[] = [];
  const lastPosts: SoakRequest[] = [];
  let rotatedAt = Number.NEGATIVE_INFINITY;
  let made = 0;

  async function rotateKey(): Promise<SigningKey> {
    if (now() - rotatedAt >= rotation) {
      rotatedAt = now();
      published.push(await newKey(`ap-${Math.floor(now())}`));
      // The one before stays until the tokens it signed have expired.
      if (published.length > 2) published.shift();
      publish(published.map(({ publicJwk, kid }) => ({ ...publicJwk, kid })));
    }
    return found(published.at(-1));
  }

  async function renewAgent(agent: number, signer: SigningKey): Promise<void> {
    const present = credentials[agent];
    if (present && now() - present.issuedAt < renewal) return;
    const key = await newKey();
    const { token, issuedAt } = await issue(issuer, `agent-${agent}`, signer, key);
    credentials[agent] = { key, token, issuedAt, outdated: present?.token };
  }

  async function issue(iss: ServerIdentifier, name: string, signer: SigningKey, key: SigningKey) {
    const subject = parseAgentIdentifier(`aauth:${name}@${agentDomain(iss)}`).id;
    return issueAgentToken({ issuer: iss, subject, key: signer, cnf: key.publicJwk, now });
  }

  async function signed(
    method: 'GET' | 'POST',
    token: string,
    key: SigningKey,
    expected: number,
  ): Promise<SoakRequest> {
    const path = '/stock';
    const body = method === 'POST' ? JSON.stringify({ order: made }) : undefined;
    const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
    const signature = await signMessage(
      { method, authority, path, query: '', headers },
      {
        key,
        signatureKey: jwtSignatureKey(token),
        created: Math.floor(now()),
        keys: nodeKeys,
        ...(body !== undefined && { body: new TextEncoder().encode(body) }),
      },
    );
    const fields = { host: authority, ...Object.fromEntries(headers), ...signature };
    return { method, path, headers: fields, expected, ...(body !== undefined && { body }) };
  }

  async function stranger(): Promise<SoakRequest> {
    const stranger = parseServerIdentifier(`http://stranger-${made++}.localhost:1`, { allowLoopback: true });
    const key = await newKey('k');
    const { token } = await issue(stranger, 'stranger', key, key);
    return signed('GET', token, key, strangers);
  }

  return {
    stranger,
    async renew() {
      const signer = await rotateKey();
      for (let agent = 0; agent < agents; agent++) await renewAgent(agent, signer);
    },
    async next(lane) {
      const turn = made++ % 100;
      const { token, key, outdated } = found(credentials[made % agents]);
      const lastPost = lastPosts[lane];
      if (turn < 70) return signed('GET', token, key, 200);
      if (turn < 85 || !lastPost) {
        const post = await signed('POST', token, key, 200);
        lastPosts[lane] = { ...post, expected: 401 };
        return post;
      }
      if (turn < 90) return lastPost;
      if (turn < 94) return { ...(await signed('GET', token, key, 401)), path: '/stock/all' };
      if (turn < 95) return stranger();
      // Its key is another one by now, and after some minutes it has expired too.
      if (turn < 98 && outdated) return signed('GET', outdated, key, 401);
      return { method: 'GET', path: '/stock', headers: { host: authority }, expected: 401 };
    },
  };
}

async function newKey(kid?: string): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), ...(kid !== undefined && { kid }) });
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('renew() was not called.');
  return value;
}
