import type { Answer, Received } from './http.ts';
import { type Changes, change, type Members, sign } from './jwt.ts';
import { createKeyPair, type KeyPair } from './keys.ts';
import { type Party, startParty, verifyServer } from './party.ts';
import { agentToken } from './tokens.ts';

export interface AgentProvider extends Party {
  /** An agent with a key of its own. */
  readonly agent: string;
  readonly agentKey: KeyPair;
  /** The agent's token, with changes it is signed with. */
  token(changes?: Changes, key?: KeyPair): Promise<string>;
  /** The identifier of the agent's enrolment, for its Person Server to decide on. */
  readonly enrolment: string;
}

/** An agent provider with one agent, which waits for the person as long as its Person Server has not approved it. */
export async function startAgentProvider({ personServer }: { personServer?: string } = {}): Promise<AgentProvider> {
  const agentKey = await createKeyPair('agent');
  const identity = { agent: '', agentKey, enrolment: 'enrolment-1' };
  const since = new Date().toISOString();
  const until = new Date(Date.now() + 3_600_000).toISOString();
  let personId: unknown;

  const registration = () => ({
    id: identity.enrolment,
    agent_name: 'Buyer',
    stable_jkt: `urn:jkt:sha-256:${agentKey.thumbprint}`,
    ps: personServer,
    callback: null,
    created_at: since,
    expires_at: until,
    status: 'pending',
  });
  const binding = () => ({
    agent_id: identity.agent,
    agent_name: 'Buyer',
    created_at: since,
    last_seen_at: null,
    device_count: 1,
    stable_key_thumbprints: [registration().stable_jkt],
    revoked: false,
    revoked_at: null,
    person_id: personId,
  });

  /** What the Person Server alone may ask. */
  async function answer(request: Received): Promise<Answer> {
    const { server, dwk } = await verifyServer(request);
    if (server !== personServer || dwk !== 'aauth-person.json') return { status: 403, body: { error: 'denied' } };
    switch (`${request.method} ${request.path}`) {
      case 'GET /person/registrations':
        return { status: 200, body: personId === undefined ? [registration()] : [] };
      case 'GET /person/bindings':
        return { status: 200, body: personId === undefined ? [] : [binding()] };
      case `POST /person/registrations/${identity.enrolment}/approve`: {
        const body: Members = Object(JSON.parse(new TextDecoder().decode(request.body)));
        personId = body.person_id;
        return { status: 200, body: { agent_id: identity.agent, agent_name: 'Buyer' } };
      }
      default:
        return { status: 404, body: { error: 'not_found' } };
    }
  }

  const party = await startParty({ dwk: 'aauth-agent.json', kid: 'ap-1', answer });
  identity.agent = `aauth:buyer@${new URL(party.issuer).host}`;
  return Object.assign(party, identity, {
    token: (changes: Changes = {}, key = party.key) =>
      sign(change(agentToken(party, { ...identity, personServer }), changes), key),
  });
}
