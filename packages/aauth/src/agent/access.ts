import type { ServerIdentifier } from '../identifiers.ts';
import type { Credentials } from './signed-fetch.ts';

/** A token that this agent was presented with as a resource, and the person server that it names. */
export interface Upstream {
  readonly token: string;
  readonly personServer: ServerIdentifier;
}

/** What every person or auth token is for. One that was obtained for other access is never used. */
export interface Access {
  readonly resource: ServerIdentifier;
  /** The agent token and its key, as they were when the access was sought (W12). */
  readonly credentials: Credentials;
  readonly personServer: ServerIdentifier;
  /** The caller for whose person the access is; absent for the agent's own. */
  readonly upstream: Upstream | undefined;
  /** The piece of work that wants it; absent for the agent at large. */
  readonly work: symbol | undefined;
}

/** The name of an access: its tokens are bound to the key, not to the agent token that came with it; pieces of work share them. */
export function accessId({ resource, credentials, personServer, upstream }: Access): string {
  return JSON.stringify([resource, credentials.key.thumbprint, personServer, upstream?.token]);
}
