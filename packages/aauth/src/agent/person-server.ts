import { poll } from '../deferred/poll.ts';
import { PeerError, SignatureError, UnavailableError } from '../errors.ts';
import { type IdentifierPolicy, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import { isNetworkFailure } from '../network-failure.ts';
import { readJsonObject } from '../response-body.ts';
import { jwtSignatureKey } from '../signatures/signature-key.ts';
import { metadataDocuments } from '../tokens/types.ts';
import type { Agent, SharedEvent } from './agent.ts';
import type { DeferredEvent } from './agent-events.ts';
import { bufferRequest } from './buffered-request.ts';
import type { Call } from './call.ts';
import { createClarifier } from './clarification.ts';
import { pollDeadline, reportPending } from './pending-events.ts';
import { readPersonServerError, unreachablePersonServer } from './person-server-errors.ts';
import type { CredentialSource, Credentials } from './signed-fetch.ts';
import type { SigningExchange } from './signing-fetch.ts';

/** A request for a token. */
export interface TokenQuestion {
  readonly personServer: ServerIdentifier;
  readonly endpoint: 'person_token_endpoint' | 'auth_token_endpoint';
  /** What is asked; added are what is said of every request. Members that are `undefined` are left out. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly awaiting: DeferredEvent['awaiting'];
  /** The agent token is presented, and the token asked for binds its key. */
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  readonly emit: (event: SharedEvent) => void;
  /** Makes the members of an updated request for the scopes; absent where there is nothing to update. */
  readonly update?: (scope: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

// Seconds that a poll asks to be held.
const pollWait = 30;

/**
 * Asks a person server for a token and waits for its decision (AAuth Protocol, "Person Token Endpoint", "PS Token Endpoint",
 * "Deferred Responses"), replying to what it wants to know meanwhile. A request that the network lost is sent once more: a connection
 * that was kept open may have died with a server that is back already.
 *
 * @returns the answer that ends it, unjudged: {@link readToken} does that
 * @throws UnavailableError saying that the person server cannot be reached
 * @throws PeerError when its metadata is not usable; DeferredError when the request ended without a decision for us
 */
export async function askForToken(call: Call, question: TokenQuestion): Promise<Response> {
  const { agent, resource, capabilities, justification } = call;
  const { now, sleep, credentials, platform, device } = agent;
  const { personServer, awaiting, signal, emit, update } = question;
  const endpoint = await findEndpoint(agent, question);
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      ...question.body,
      justification,
      platform,
      device,
      capabilities: capabilities.length > 0 ? capabilities : undefined,
    }),
    signal,
  };
  const exchange = agent.exchangeWith(personServer);
  const send = (source: CredentialSource, input: string | URL | Request, init: RequestInit | undefined, held: number) =>
    sendWithin(exchange, agent.requestTimeout + held, source, input, init);
  const post = (): Promise<Response> => send(async () => question.credentials, endpoint, init, 0);
  const of = { awaiting, server: personServer };
  const report = reportPending(emit, of);
  const clarify = createClarifier({
    handler: call.onClarification,
    resource,
    of,
    signal,
    emit,
    send: (url, request) => send(credentials, url, { ...request, signal }, 0),
    update,
  });
  try {
    const response = await postOnceMore(post).catch((error: unknown) => {
      throw isNetworkFailure(error) && !signal.aborted ? unreachablePersonServer(personServer, error) : error;
    });
    // The person may take longer than the agent token lives: polls present the one of the moment.
    const polling: typeof globalThis.fetch = (url, request) => send(credentials, url, request, pollWait);
    return await poll(polling, response, {
      now,
      sleep,
      deadline: pollDeadline(agent),
      signal,
      wait: pollWait,
      url: endpoint,
      onPending: report.onPending,
      async satisfy(pending) {
        await clarify(pending);
        return false;
      },
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    report.settle();
  }
}

async function postOnceMore(post: () => Promise<Response>): Promise<Response> {
  try {
    return await post();
  } catch (error) {
    if (isTimeout(error) || !isNetworkFailure(error)) throw error;
    return post();
  }
}

/**
 * Judges the answer of a token endpoint.
 *
 * @param member where the token is
 * @returns the token, unverified
 * @throws PeerError with the code and the detail of the person server; UnavailableError when it asks to come back
 */
export async function readToken(
  agent: Agent,
  { personServer }: Pick<TokenQuestion, 'personServer'>,
  response: Response,
  member: 'person_token' | 'auth_token',
): Promise<string> {
  if (response.status !== 200) throw await readPersonServerError(response, personServer, agent.now);
  const token = (await readJsonObject(response))?.[member];
  if (typeof token === 'string') return token;
  throw new PeerError('invalid_response', 502, `The Person Server at ${personServer} answered without a ${member}.`);
}

async function sendWithin(
  exchange: SigningExchange,
  seconds: number,
  credentials: CredentialSource,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const request = await bufferRequest(input, { ...init, signal, redirect: 'manual' });
  return exchange(request, async ({ refused }) => {
    const { token, key } = await credentials({ refused });
    return { token, key, signatureKey: jwtSignatureKey(token) };
  });
}

async function findEndpoint({ verification, personServer: own }: Agent, question: TokenQuestion): Promise<URL> {
  const { personServer, endpoint } = question;
  try {
    const metadata = await verification.discovery.metadata(personServer, metadataDocuments.personServer);
    return readEndpoint(metadata[endpoint], personServer, verification.identifiers, personServer === own);
  } catch (error) {
    if (error instanceof UnavailableError) throw unreachablePersonServer(personServer, error);
    if (error instanceof SignatureError) throw unusable(personServer, error.message, error);
    throw error;
  }
}

function readEndpoint(
  value: unknown,
  personServer: ServerIdentifier,
  identifiers: IdentifierPolicy,
  isOwn: boolean,
): URL {
  const url = parseUrl(value, personServer, identifiers);
  if (url.search) throw unusable(personServer, `the endpoint ${url.href} has a query`);
  // A person server that some token named must not send us around the network: discovery has admitted its host, and no other.
  if (!isOwn && url.host !== new URL(personServer).host) {
    throw unusable(personServer, `the endpoint ${url.href} is on another host`);
  }
  return url;
}

function parseUrl(value: unknown, personServer: ServerIdentifier, identifiers: IdentifierPolicy): URL {
  try {
    return parseEndpointUrl(value, identifiers);
  } catch (error) {
    throw unusable(personServer, error instanceof Error ? error.message : String(error), error);
  }
}

function unusable(personServer: ServerIdentifier, reason: string, cause?: unknown): PeerError {
  const detail = `The metadata of the Person Server at ${personServer} cannot be used: ${reason}`;
  return new PeerError('invalid_response', 502, detail, { cause });
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
