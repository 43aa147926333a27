import { parseServerIdentifier, type ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { PublicJwk, SigningKey } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { jwksUriSignatureKey, type SignatureKeyValue } from '@aauth-stack/aauth/signatures';
import type { MetadataDocument } from '@aauth-stack/aauth/tokens';
import { startServer, type TestServer } from './servers.ts';

export interface TestIssuer extends TestServer {
  readonly issuer: ServerIdentifier;
  /** `host:port`. */
  readonly domain: string;
  readonly key: SigningKey;
  /** Paths that were asked for. */
  readonly fetched: string[];
  /** Changes the metadata document. */
  metadata(members: object): void;
  /** Publishes other keys. */
  publish(keys: readonly PublicJwk[]): void;
  /** With what it signs requests of its own, as a server. */
  readonly asServer: { readonly key: SigningKey; readonly token: ''; readonly signatureKey: SignatureKeyValue };
}

/** A server that is asked for nothing but its metadata and keys. */
export async function startIssuer(name: string, dwk: MetadataDocument, kid: string): Promise<TestIssuer> {
  const key = await newKey(kid);
  const fetched: string[] = [];
  let members: object = {};
  let keys: readonly PublicJwk[] = [key.publicJwk];
  const server = await startServer((request, response) => {
    fetched.push(request.url ?? '');
    const documents: Record<string, unknown> = {
      [`/.well-known/${dwk}`]: { issuer, jwks_uri: `${issuer}/.well-known/jwks.json`, ...members },
      '/.well-known/jwks.json': { keys },
    };
    const document = documents[request.url ?? ''];
    response
      .writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? {}));
  });
  const domain = `${name}.localhost:${server.port}`;
  const issuer = parseServerIdentifier(`http://${domain}`, { allowLoopback: true });
  return {
    ...server,
    issuer,
    domain,
    key,
    fetched,
    metadata: (next) => {
      members = next;
    },
    publish: (next) => {
      keys = next;
    },
    asServer: { key, token: '', signatureKey: jwksUriSignatureKey({ id: issuer, dwk, kid }) },
  };
}

export async function newKey(kid?: string): Promise<SigningKey> {
  return nodeKeys.signingKey({ ...(await nodeKeys.generate('Ed25519')), ...(kid ? { kid } : {}) });
}
