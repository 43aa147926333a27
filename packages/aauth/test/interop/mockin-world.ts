import {
  type AgentProvider,
  type Changes,
  type Jwt,
  type Members,
  type Presentation,
  present,
  type Resource,
  type Response,
  startAgentProvider,
  startResource,
} from '@aauth-stack/by-hand';
import { createOurAgent, type OurAgent, type OurAgentOptions } from '../independent/our-agent.ts';
import { type OurResource, startOurResource } from '../independent/our-resource.ts';
import { type Mockin, startMockin } from './mockin.ts';

/** mockin as the Person Server of an agent of ours, and whom the agent calls. */
export interface MockinWorld {
  readonly mockin: Mockin;
  readonly provider: AgentProvider;
  /** Wants person tokens, and is ours. */
  readonly identity: OurResource;
  /** Wants auth tokens, and is made by hand. */
  readonly theirs: Resource;
  /** An agent of ours, as long as the test lasts. */
  agent(options?: OurAgentOptions): OurAgent;
  /** What mockin answers to a question that a hand-made agent signs; for a person token, unless `path` says another. */
  ask(body: object, question?: Question): Promise<Response>;
  close(): Promise<void>;
}

interface Question extends Presentation {
  readonly path?: string;
  /** What is changed in the claims of the agent token. */
  readonly token?: Members;
}

export async function startMockinWorld(): Promise<MockinWorld> {
  const mockin = await startMockin();
  const provider = await startAgentProvider({ personServer: mockin.issuer });
  const identity = await startOurResource('person-token');
  const theirs = await startResource({ access: 'auth-token' });
  return {
    mockin,
    provider,
    identity,
    theirs,
    agent: (options) => createOurAgent(provider, mockin.issuer, options),
    ask: async (body, { token = {}, path = '/aauth/token/person', ...options } = {}) =>
      present(`${mockin.issuer}${path}`, await provider.token({ claims: token }), provider.agentKey, {
        method: 'POST',
        body: JSON.stringify(body),
        components: ['@method', '@authority', '@path', 'signature-key', 'content-type'],
        ...options,
      }),
    async close() {
      await Promise.all([theirs, identity, provider].map((party) => party.close()));
      await mockin.stop();
    },
  };
}

/** Has a resource token say as well what mockin's draft calls the identifier of the token that was presented. */
export const nameItTheirWay = ({ claims }: Jwt): Changes => ({ claims: { person_token_jti: claims.jti } });
