import { type Members, peek, personToken, sign, startParty } from '@aauth-stack/by-hand';

/** A Person Server that answers one of its endpoints with 403 `user_unreachable`; with person tokens it is generous. */
export async function startRefusingPersonServer(refused: '/person-token' | '/auth-token', detail: string) {
  return startParty({
    dwk: 'aauth-person.json',
    kid: 'ps-1',
    metadata: (issuer) => ({
      person_token_endpoint: `${issuer}/person-token`,
      auth_token_endpoint: `${issuer}/auth-token`,
    }),
    async answer({ path, headers, body }, self) {
      if (path === refused) {
        const problem = { type: 'about:blank', status: 403, error: 'user_unreachable', detail };
        return { status: 403, headers: { 'content-type': 'application/problem+json' }, body: problem };
      }
      const presented = /jwt="([^"]+)"/.exec(headers.get('signature-key') ?? '')?.[1] ?? '';
      const { jwk }: { jwk?: object } = Object(peek(presented).claims.cnf);
      const { resource }: Members = Object(JSON.parse(new TextDecoder().decode(body)));
      const token = personToken(self, { resource: `${resource}`, subject: 'p-1', agentKey: { ...jwk } });
      return { status: 200, body: { person_token: await sign(token, self.key), expires_in: 3600 } };
    },
  });
}
