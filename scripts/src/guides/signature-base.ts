import { parsePublicJwk } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { type SchemeResolver, verifyMessage } from '@aauth-stack/aauth/signatures';
import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { fence } from './format-http.ts';
import type { Exchange } from './recorder.ts';

/** What the signature of a recorded request is over, as Markdown; it has been seen to verify with the key in the token. */
export async function formatSignatureBase({ method, url, headers, body }: Exchange): Promise<string> {
  const { base } = await verifyMessage(
    { method, authority: url.host, path: url.pathname, query: url.search, headers },
    {
      schemes: { jwt: confirmedKey },
      now: () => Date.now() / 1000,
      window: 600,
      keys: nodeKeys,
      body: new TextEncoder().encode(body),
    },
  );
  return fence('text', base);
}

/** The key that a token binds. Who issued the token has been found out by the server that accepted the request. */
const confirmedKey: SchemeResolver<undefined> = async ({ parameters }) => {
  const cnf = decodeTokenForDisplay(parameters.get('jwt') ?? '')?.claims.cnf;
  const jwk = typeof cnf === 'object' && cnf !== null && 'jwk' in cnf ? cnf.jwk : undefined;
  return { key: await nodeKeys.verificationKey(parsePublicJwk(jwk)), identity: { scheme: 'jwt', token: undefined } };
};
