import type { AgentCard, AgentSkill } from '@a2a-js/sdk';
import { duplicateInterfacesForLegacy } from '@a2a-js/sdk/compat/v0_3';
import { LegacyRestTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { DefaultRequestHandler, InMemoryTaskStore, ServerCallContext } from '@a2a-js/sdk/server';

/** A skill as its agent describes it. */
export interface Skill {
  id: string;
  name: string;
  description: string;
  tags: readonly string[];
  /** Messages that use the skill. */
  examples: readonly string[];
}

export interface CardOptions {
  name: string;
  description: string;
  version: string;
  /** Where the agent is called, as others see it. */
  url: string;
  iconUrl: string;
  documentationUrl: string;
  /** Scopes that a caller may need. */
  scopes: readonly string[];
  skills: readonly Skill[];
}

const modes = ['text/plain', 'application/json'];

/** Describes an agent that speaks A2A 1.0 and 0.3 over JSON-RPC at one URL. */
export function createCard(options: CardOptions): AgentCard {
  const { name, description, version, url, iconUrl, documentationUrl, scopes, skills } = options;
  return {
    name,
    description,
    version,
    iconUrl,
    documentationUrl,
    supportedInterfaces: duplicateInterfacesForLegacy(
      [{ url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' }],
      ['JSONRPC'],
    ),
    provider: { organization: 'Demo Corp IT Department', url: 'https://demo.corp/it' },
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: true, extensions: [] },
    securitySchemes: {
      bearerAuth: {
        scheme: {
          $case: 'httpAuthSecurityScheme',
          value: {
            description: 'An AAuth token in Signature-Key, with an HTTP message signature by the key it names.',
            scheme: 'bearer',
            bearerFormat: 'JWT',
          },
        },
      },
    },
    securityRequirements: [{ schemes: { bearerAuth: { list: [...scopes] } } }],
    defaultInputModes: modes,
    defaultOutputModes: modes,
    skills: skills.map(toAgentSkill),
    signatures: [],
  };
}

/** The card as A2A 0.3 has it. It also lists the 1.0 interface, for clients that look for one. */
export async function toLegacyCard(card: AgentCard): Promise<Record<string, unknown>> {
  // The SDK translates a card only on its way out of a handler, so this handler has nothing to execute.
  const executor = { execute: async () => {}, cancelTask: async () => {} };
  const provider = async () => card;
  const store = new InMemoryTaskStore();
  const handler = new DefaultRequestHandler(card, store, executor, undefined, undefined, undefined, provider);
  const legacy = await new LegacyRestTransportHandler(handler).getAuthenticatedExtendedAgentCard(
    new ServerCallContext(),
  );
  return { ...legacy, protocolVersion: '0.3.0', supportedInterfaces: card.supportedInterfaces };
}

function toAgentSkill({ id, name, description, tags, examples }: Skill): AgentSkill {
  return {
    id,
    name,
    description,
    tags: [...tags],
    examples: [...examples],
    inputModes: modes,
    outputModes: modes,
    securityRequirements: [],
  };
}
