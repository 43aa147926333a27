import { agentDomain, parseAgentIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import { issueAgentToken } from '@aauth-stack/aauth/tokens';
import type { LoneProxy } from './lone-proxy.ts';

/** Signs requests to a lone proxy with a token of the agent provider that the proxy trusts. */
export interface LoneAgent {
  /** The header fields of a request. */
  sign(request: { method: string; path: string; body?: string }): Promise<Record<string, string>>;
}

export async function newKey(kid?: string): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), ...(kid !== undefined && { kid }) });
}

/**
 * @param providerKey signs its token
 * @param now when it is issued, and when requests are signed
 */
export async function createLoneAgent(
  { issuer, authority }: Pick<LoneProxy, 'issuer' | 'authority'>,
  providerKey: SigningKey,
  now: () => number = () => Date.now() / 1000,
): Promise<LoneAgent> {
  const key = await newKey();
  const subject = parseAgentIdentifier(`aauth:lone@${agentDomain(issuer)}`).id;
  const { token } = await issueAgentToken({ issuer, subject, key: providerKey, cnf: key.publicJwk, now });
  let signed = 0;
  return {
    async sign({ method, path, body }) {
      const headers = new Headers(body === undefined ? {} : { 'content-type': 'application/json' });
      const signature = await signMessage(
        { method, authority, path, query: '', headers },
        {
          key,
          signatureKey: jwtSignatureKey(token),
          created: Math.floor(now()),
          nonce: `${signed++}`,
          keys: nodeKeys,
          ...(body !== undefined && { body: new TextEncoder().encode(body) }),
        },
      );
      return { host: authority, ...Object.fromEntries(headers), ...signature };
    },
  };
}
