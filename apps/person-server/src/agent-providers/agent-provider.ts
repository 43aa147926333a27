import { SigningError } from '@aauth-stack/aauth/agent';
import { RequestError, UnavailableError } from '@aauth-stack/aauth/errors';
import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { z } from 'zod';
import {
  type Approved,
  approvedSchema,
  type Binding,
  bindingSchema,
  problemSchema,
  type Registration,
  registrationSchema,
} from './wire.ts';

const timeoutMs = 5_000;

/**
 * An Agent Provider that lets this Person Server decide on its agents. It is the authority on them: everything is asked
 * live. Every method throws `UnavailableError` when it does not answer, or answers what makes no sense.
 */
export interface AgentProvider {
  readonly issuer: ServerIdentifier;
  registrations(): Promise<Registration[]>;
  /** @throws RequestError 404 when it does not know the enrolment, 409 when that is decided or has expired */
  approve(registrationId: string, personId: string): Promise<Approved>;
  /** @throws RequestError as for `approve` */
  deny(registrationId: string): Promise<void>;
  bindings(): Promise<Binding[]>;
  /** @throws RequestError 404 when it does not know the agent, 409 when it is revoked already */
  revoke(agentId: string): Promise<void>;
}

export interface AgentProviderOptions {
  issuer: ServerIdentifier;
  /** Signs as this Person Server and covers bodies. */
  fetch: typeof fetch;
  /** Told when a request could not be made, so that somebody can look for the provider's return. */
  onUnreachable: () => void;
}

export function createAgentProvider({ issuer, fetch, onUnreachable }: AgentProviderOptions): AgentProvider {
  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> => {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${issuer}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: body
          ? { accept: 'application/json', 'content-type': 'application/json' }
          : { accept: 'application/json' },
        body: body && JSON.stringify(body),
      });
      text = await response.text();
    } catch (cause) {
      if (cause instanceof SigningError) throw cause;
      onUnreachable();
      throw new UnavailableError(`The Agent Provider at ${issuer} is not answering. Try again when it is running.`, {
        cause,
      });
    }
    if (response.ok) return parseJson(text);
    throw refusal(issuer, response.status, text);
  };

  return {
    issuer,
    registrations: async () => read(issuer, z.array(registrationSchema), await call('GET', '/person/registrations')),
    approve: async (id, personId) => {
      const path = `/person/registrations/${encodeURIComponent(id)}/approve`;
      return read(issuer, approvedSchema, await call('POST', path, { person_id: personId }));
    },
    deny: async (id) => {
      await call('POST', `/person/registrations/${encodeURIComponent(id)}/deny`);
    },
    bindings: async () => read(issuer, z.array(bindingSchema), await call('GET', '/person/bindings')),
    revoke: async (agentId) => {
      await call('POST', `/person/bindings/${encodeURIComponent(agentId)}/revoke`);
    },
  };
}

function read<T>(issuer: ServerIdentifier, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UnavailableError(
    `The Agent Provider at ${issuer} answered something that this Person Server does not understand.`,
    {
      cause: result.error,
    },
  );
}

// Only what the person can act on is passed on; anything else is between the two servers and ends in the log.
function refusal(issuer: ServerIdentifier, status: number, text: string): Error {
  const problem = problemSchema.safeParse(parseJson(text)).data;
  const detail = problem?.detail ?? `status ${status}`;
  if (status === 404) return new RequestError('not_found', detail, { status });
  if (status === 409) return new RequestError('conflict', detail, { status });
  return new UnavailableError(`The Agent Provider at ${issuer} refused what this Person Server asked: ${detail}`, {
    cause: { status, problem },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
