import { envList, envSeconds, envUrl, serverEnv, storageEnv } from '@aauth-stack/service/config';
import { z } from 'zod';

export const configSchema = z.object({
  ...serverEnv(8000),
  ...storageEnv(),
  AGENT_PROVIDER_URL: envUrl()
    .default('http://agent-provider.localhost:8766')
    .describe('Identifier of the Agent Provider'),
  PERSON_SERVER_URL: envUrl()
    .default('http://person-server.localhost:8765')
    .describe('Identifier of the Person Server'),
  SUPPLY_CHAIN_AGENT_URL: envUrl()
    .default('http://supply-chain-agent.localhost:3000')
    .describe('Identifier of the supply-chain agent, where its clients reach it'),
  BACKEND_AGENT_NAME: z.string().min(1).max(256).default('Backend App').describe('Name under which this agent enrols'),
  STABLE_KEY_FILE: z.string().default('.data/keys/backend-stable.pem').describe("File of this agent's stable key"),
  CORS_ALLOWED_ORIGINS: envList()
    .default(['http://localhost:3050', 'http://127.0.0.1:3050'])
    .describe('Origins whose pages may call this API, separated by commas'),
  AGENT_TIMEOUT_SECONDS: envSeconds().default(120).describe('How long a run waits for the agents'),
  ENROLMENT_TIMEOUT_SECONDS: envSeconds().default(3600).describe('How long a run waits for this agent to be approved'),
});

/** Names of the known demo that are still understood, each with one warning. */
export const configAliases = { AGENT_SERVER_BASE: 'AGENT_PROVIDER_URL' } as const;
