import { RequestError } from '@aauth-stack/aauth/errors';
import { z } from 'zod';
import type { Prompt } from '../consent/judge.ts';
import type { AppContext } from '../environment.ts';

const compactToken = z.string().min(1).max(16_384);
const platforms = ['web', 'mobile', 'desktop', 'workload', 'self-hosted'] as const;

/** The parameters that both token endpoints take (AAuth Protocol, "Person Token Endpoint" and "Agent Token Request"). Others are ignored. */
const commonParameters = {
  upstream_token: compactToken.optional(),
  subagent_token: compactToken.optional(),
  justification: z.string().max(4096).optional(),
  login_hint: z.string().max(255).optional(),
  tenant: z.string().max(255).optional(),
  domain_hint: z.string().max(255).optional(),
  prompt: z.string().max(255).optional(),
  platform: z.enum(platforms).optional(),
  device: z
    .string()
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u, 'expected at most 64 printable characters')
    .optional(),
  capabilities: z.array(z.string().max(64)).max(32).optional(),
};

const commonSchema = z.object(commonParameters);

/** What an agent asks a token endpoint, whichever of the two. */
export interface TokenRequest {
  readonly upstreamToken: string | undefined;
  /** Why the agent wants the token, Markdown in its own words. */
  readonly justification: string | undefined;
  /** Whom the agent means. */
  readonly loginHint: string | undefined;
  readonly tenant: string | undefined;
  readonly prompt: Prompt;
  /** Where the agent says that it runs, and on what. */
  readonly platform: string | undefined;
  readonly device: string | undefined;
  /** What the agent can do while it waits, as far as it is known here. */
  readonly capabilities: readonly Capability[];
}

const knownCapabilities = ['interaction', 'clarification'] as const;

type Capability = (typeof knownCapabilities)[number];

/** The tokens that are exchanged for an auth token, unverified. */
export interface AuthTokenParameters {
  readonly resourceToken: string;
  readonly presentedToken: string;
}

export const authTokenSchema = z.object({
  ...commonParameters,
  resource_token: compactToken,
  presented_token: compactToken,
});

export const personTokenSchema = z.object({
  ...commonParameters,
  resource: z.string(),
  mission_s256: z
    .string()
    .regex(/^[\w-]{43}$/, 'expected a SHA-256 in base64url')
    .optional(),
});

/**
 * Reads the body that the signature was verified over.
 *
 * @throws RequestError `invalid_request`
 */
export function parseParameters<Schema extends z.ZodObject>(c: AppContext, schema: Schema): z.output<Schema> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new RequestError('invalid_request', 'The body must be application/json.');
  const result = schema.safeParse(parseJson(c.get('verifiedBody')));
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new RequestError('invalid_request', `The request is malformed: ${wrong.join('; ')}.`, { cause: result.error });
}

/** What is common to both endpoints, from parameters that were parsed. */
export function tokenRequestOf(parameters: z.output<typeof commonSchema>): TokenRequest {
  if (parameters.subagent_token !== undefined) {
    throw new RequestError('invalid_request', 'This Person Server issues no tokens for sub-agents.');
  }
  const { upstream_token, justification, login_hint, tenant, prompt, platform, device, capabilities } = parameters;
  return {
    upstreamToken: upstream_token,
    justification,
    loginHint: login_hint,
    tenant,
    prompt: parsePrompt(prompt),
    platform,
    device,
    capabilities: knownCapabilities.filter((capability) => capabilities?.includes(capability)),
  };
}

// There is one account for each person, so `select_account` has nothing to select.
function parsePrompt(value = ''): Prompt {
  const values = value.split(' ').filter((item) => item !== '');
  if (values.includes('none') && values.length > 1) {
    throw new RequestError('invalid_request', 'prompt: "none" stands alone.');
  }
  return { none: values.includes('none'), login: values.includes('login'), consent: values.includes('consent') };
}

/** The `upstream_token` of a body that may be anything, for whoever has to look at it before the signature is verified. */
export function peekUpstreamToken(body: Uint8Array): string | undefined {
  try {
    return z.object({ upstream_token: compactToken }).parse(parseJson(body)).upstream_token;
  } catch (error) {
    if (error instanceof RequestError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new RequestError('invalid_request', 'The body is not JSON.', { cause });
  }
}
