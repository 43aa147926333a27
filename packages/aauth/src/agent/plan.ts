import type { ServerMetadata } from '../discovery/types.ts';
import { AAuthError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { baseComponents, bodyComponents } from '../signatures/components.ts';
import { metadataDocuments } from '../tokens/types.ts';
import type { Agent } from './agent.ts';
import { type BufferedRequest, hasComponent } from './buffered-request.ts';
import type { Call } from './call.ts';
import { obtainPersonToken } from './person-token.ts';
import type { Credentials } from './signed-fetch.ts';
import type { Standing } from './standing.ts';

/**
 * The metadata of a resource, as far as it helps. A resource need not publish any, and what it requires when it is called goes
 * before what it has published, so nothing that fails here ends a call.
 */
export async function readResourceMetadata(
  { verification }: Agent,
  resource: ServerIdentifier,
): Promise<ServerMetadata | undefined> {
  try {
    return await verification.discovery.metadata(resource, metadataDocuments.resource);
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
}

/** What the resource says that signatures must cover, as far as the request has it. */
export function publishedComponents(metadata: ServerMetadata | undefined, request: BufferedRequest): string[] {
  const published: unknown = metadata?.additional_signature_components;
  if (!Array.isArray(published)) return [];
  const alwaysSettled = [...baseComponents, ...bodyComponents];
  return published.filter(
    (name): name is string => typeof name === 'string' && !alwaysSettled.includes(name) && hasComponent(request, name),
  );
}

/**
 * Decides what the first request of a call presents: the auth token used last at this resource, else a person token where one is
 * at hand or `access_mode` announces it, else the agent token. A call for somebody else's person starts with the person token
 * unless the resource wants agents only.
 *
 * @throws what {@link obtainPersonToken} throws
 */
export async function planFirstRequest(call: Call, credentials: Credentials): Promise<Standing> {
  const { agent, resource, personServer, upstream, work } = call;
  if (personServer === undefined) return { level: 'agent', credentials };
  const access = { resource, credentials, personServer, upstream, work };
  const { latest, person } = agent.held.shelf(access);
  if (latest.fresh) return { level: 'auth', credentials, token: latest.fresh.token };
  if (!person.valid && !startsWithPersonToken(call)) return { level: 'agent', credentials };
  return { level: 'person', credentials, token: await obtainPersonToken(call, access) };
}

function startsWithPersonToken({ metadata, upstream, emit }: Call): boolean {
  const published: unknown = metadata?.access_mode;
  const accessMode = typeof published === 'string' ? published : undefined;
  if (metadata) emit({ type: 'metadata-read', accessMode });
  if (accessMode === 'person-token' || accessMode === 'auth-token') return true;
  return upstream !== undefined && accessMode !== 'agent-token';
}
