import { agentToken, change, createKeyPair, type Members, peek, sign, startParty } from '@aauth-stack/by-hand';

/** An agent provider that enrols whoever asks, at once. */
export async function startAgentProvider() {
  const placeholder = await createKeyPair('agent');
  return startParty({
    dwk: 'aauth-agent.json',
    kid: 'ap-1',
    metadata: (issuer) => ({ registration_endpoint: `${issuer}/register`, refresh_endpoint: `${issuer}/refresh` }),
    async answer({ path, headers, body }, self) {
      if (path !== '/register') return { status: 404 };
      const { ps }: Members = Object(JSON.parse(new TextDecoder().decode(body)));
      const binding = /jwt="([^"]+)"/.exec(headers.get('signature-key') ?? '')?.[1] ?? '';
      const agent = `aauth:backend-12345678@${new URL(self.issuer).host}`;
      const token = agentToken(self, { agent, agentKey: placeholder, personServer: `${ps}` });
      const bound = change(token, { claims: { cnf: peek(binding).claims.cnf } });
      return { status: 200, body: { agent_token: await sign(bound, self.key), expires_in: 3600 } };
    },
  });
}
