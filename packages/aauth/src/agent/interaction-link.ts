import type { Pending } from '../deferred/poll.ts';
import { IdentifierError, PeerError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl } from '../identifiers.ts';

/** Where a person is to decide. */
export interface InteractionLink {
  /** To be opened in the person's browser. */
  readonly url: string;
  /** What the person can compare with what the page shows. It is in the URL too. */
  readonly code: string;
}

/**
 * Makes the link by which a person gets to the decision that a pending request waits for (AAuth Protocol, "User Interaction"). The URL
 * comes from a peer: it is https, or http to a loopback host where the policy admits that, and nothing a browser would run.
 *
 * @param options.callback where the person is to be sent back to, an address that the agent provider has published or admitted
 * @returns `undefined` when the request waits for something else
 * @throws PeerError `invalid_response` when the requirement has no code, or a URL that nobody should open
 */
export function interactionLink(
  { requirement, location }: Pick<Pending, 'requirement' | 'location'>,
  options: { readonly identifiers: IdentifierPolicy; readonly callback?: string },
): InteractionLink | undefined {
  if (requirement?.requirement !== 'interaction') return undefined;
  const { url, code } = requirement.parameters;
  const link = parse(url, options.identifiers, location.origin);
  if (!code) throw unusable(location.origin, 'has no code');
  link.searchParams.set('code', code);
  if (options.callback !== undefined) link.searchParams.set('callback', options.callback);
  return { url: link.href, code };
}

function parse(url: unknown, identifiers: IdentifierPolicy, server: string): URL {
  try {
    return parseEndpointUrl(url, identifiers);
  } catch (error) {
    if (!(error instanceof IdentifierError)) throw error;
    throw unusable(server, `cannot be opened: ${error.message}`, error);
  }
}

function unusable(server: string, reason: string, cause?: unknown): PeerError {
  return new PeerError('invalid_response', 502, `The interaction that ${server} requires ${reason}`, { cause });
}
