import { parseServerIdentifier, type ServerIdentifier } from '../../src/identifiers.ts';
import type { SigningKey } from '../../src/keys/types.ts';
import type { MetadataDocument } from '../../src/tokens/types.ts';
import { createKey } from './keys.ts';
import { startServer } from './server.ts';

/** A server that publishes its metadata and one key. What it publishes can be changed while it runs; `undefined` is a 500. */
export interface IssuerServer {
  readonly identifier: ServerIdentifier;
  readonly key: SigningKey;
  readonly published: { metadata: unknown; jwks: unknown };
  /** The paths that were asked for, in order. */
  readonly asked: string[];
}

/** Starts one on a free port, and stops it with the test. */
export async function startIssuer(
  name: string,
  dwk: MetadataDocument,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<IssuerServer> {
  const key = await createKey(`${name}-1`);
  const published: IssuerServer['published'] = { metadata: undefined, jwks: { keys: [key.publicJwk] } };
  const asked: string[] = [];
  const { port } = await startServer((req, res) => {
    asked.push(`${req.url}`);
    const documents: Record<string, unknown> = { [`/.well-known/${dwk}`]: published.metadata, '/jwks': published.jwks };
    const document = documents[`${req.url}`];
    if (document === undefined) res.writeHead(500).end();
    else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  const identifier = parseServerIdentifier(`http://${name}.localhost:${port}`, { allowLoopback: true });
  published.metadata = { ...metadata, issuer: identifier, jwks_uri: `${identifier}/jwks` };
  return { identifier, key, published, asked };
}
