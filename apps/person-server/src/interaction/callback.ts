import type { Discovery } from '@aauth-stack/aauth/discovery';
import { RequestError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, isLoopbackHost, parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import { agentOf } from '../agents/ownership.ts';
import type { Database } from '../db/database.ts';
import type { PendingRequest } from '../pending/pending-requests.ts';

export interface CallbackOptions {
  db: Database;
  discovery: Discovery;
  identifiers: IdentifierPolicy;
}

const maxLength = 2048;

/**
 * Reads the URL that an agent wants the person back at (AAuth Protocol, "User Interaction"). It is on the origin of the
 * `callback_endpoint` that the agent's provider publishes, or of the callback that the agent enrolled with, or on the person's own
 * machine where the provider allows that: a link to this server leads nowhere that nobody vouches for.
 *
 * @throws RequestError `invalid_callback`; UnavailableError when the provider cannot be asked
 */
export async function readCallback(
  { db, discovery, identifiers }: CallbackOptions,
  { agentProvider, agentId }: Pick<PendingRequest, 'agentProvider' | 'agentId'>,
  value: string,
): Promise<string> {
  const url = value.length <= maxLength ? URL.parse(value) : null;
  if (!url || url.username || url.password || url.hash) throw refused('It is not a usable URL.');
  const provider = parseServerIdentifier(agentProvider, identifiers);
  const enrolled = (await agentOf(db, provider, agentId))?.callback;
  if (isHttp(url) && originOf(enrolled) === url.origin) return url.href;
  const metadata = await discovery.metadata(provider, metadataDocuments.agentProvider);
  if (isHttp(url) && originOf(metadata.callback_endpoint) === url.origin) return url.href;
  const isOwnMachine = isLoopbackHost(url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:');
  if (isOwnMachine && metadata.localhost_callback_allowed === true) return url.href;
  throw refused(`The agent provider ${agentProvider} vouches for nothing at ${url.origin}.`);
}

/** Where the person goes on: the callback, which says why when there is no token (AAuth Protocol, "Interaction Callback Errors"). */
export function callbackUrl(callback: string, error: CallbackError | undefined): string {
  const url = new URL(callback);
  url.searchParams.delete('error');
  if (error !== undefined) url.searchParams.set('error', error);
  return url.href;
}

const callbackErrors = [
  'access_denied',
  'user_abandoned',
  'server_error',
  'temporarily_unavailable',
  'interaction_expired',
] as const;

export type CallbackError = (typeof callbackErrors)[number];

// On another machine than the person's, whatever is not https could be anybody's.
function isHttp(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

function originOf(value: unknown): string | undefined {
  return typeof value === 'string' ? URL.parse(value)?.origin : undefined;
}

function refused(why: string): RequestError {
  return new RequestError('invalid_callback', `The agent's link leads back to a place that is not allowed. ${why}`);
}
