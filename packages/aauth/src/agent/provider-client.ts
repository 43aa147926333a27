import type { Clock, Sleep } from '../clock.ts';
import { type Pending, poll } from '../deferred/poll.ts';
import { PeerError } from '../errors.ts';
import { type IdentifierPolicy, isLoopbackHost, parseEndpointUrl, type ServerIdentifier } from '../identifiers.ts';
import type { KeyBackend, SigningKey } from '../keys/types.ts';
import { isNetworkFailure } from '../network-failure.ts';
import { readJsonObject } from '../response-body.ts';
import { createJktJwt } from '../signatures/jkt-jwt.ts';
import { jktJwtSignatureKey } from '../signatures/signature-key.ts';
import { metadataDocuments } from '../tokens/types.ts';
import { readIssuedToken } from './issued-token.ts';
import { readProviderError, unreachable } from './provider-errors.ts';
import type { AgentCredentials } from './session-types.ts';
import { coverQueryIfAny, createSigningFetch } from './signing-fetch.ts';

export interface ProviderClientOptions {
  readonly provider: ServerIdentifier;
  readonly personServer: ServerIdentifier | undefined;
  readonly stableKey: SigningKey;
  readonly fetch: typeof globalThis.fetch;
  readonly keys: KeyBackend;
  readonly now: Clock;
  readonly sleep: Sleep;
  /** Seconds of real time. */
  readonly requestTimeout: number;
}

/** An agent's conversation with its agent provider. Each exchange brings a token for a new ephemeral key. */
export interface ProviderClient {
  /** Enrols, waiting for the person for as long as the provider keeps the request. */
  register(request: EnrolmentRequest, signal: AbortSignal): Promise<AgentCredentials>;
  /** Renews the token of an enrolled agent. */
  refresh(signal: AbortSignal): Promise<AgentCredentials>;
}

interface EnrolmentRequest {
  readonly agentName: string;
  readonly callback: string | undefined;
  readonly onPending: (pending: Pending) => void;
  readonly onUnreachable: (error: unknown) => void;
}

interface Endpoints {
  readonly registration: URL;
  readonly refresh: URL;
}

/** Makes a signing fetch that gives each request `timeout` seconds. */
type SignedFetchFor = (timeout: number) => typeof globalThis.fetch;

const pollWait = 30;
// The provider tells when the request has expired; this only ends the wait for one that never tells.
const longestEnrolment = 24 * 60 * 60;

/**
 * Both methods throw `DeferredError` for a decision about the agent, `UnavailableError` when the provider cannot be reached or asks
 * to come back, `PeerError` for any other answer, `SigningError`, and the signal's reason.
 */
export function createProviderClient(options: ProviderClientOptions): ProviderClient {
  const { provider, personServer, stableKey, fetch, keys, now, sleep, requestTimeout } = options;
  const identifiers: IdentifierPolicy = { allowLoopback: isLoopbackHost(new URL(provider).hostname) };
  let endpoints: Endpoints | undefined;

  async function exchange(
    signal: AbortSignal,
    run: (endpoints: Endpoints, signedFetch: SignedFetchFor) => Promise<Response>,
  ): Promise<AgentCredentials> {
    try {
      endpoints ??= await discoverEndpoints(timed(fetch, requestTimeout), provider, { identifiers, now, signal });
      const key = await keys.signingKey(await keys.generate('Ed25519'));
      const response = await run(endpoints, (timeout) => signingFetch(key, timeout));
      if (response.status !== 200) throw await readProviderError(response, provider, now);
      const { agent_token } = (await readJsonObject(response)) ?? {};
      return await readIssuedToken(agent_token, { provider, personServer, key, keys, identifiers, time: now() });
    } catch (error) {
      endpoints = undefined;
      if (signal.aborted) throw signal.reason;
      throw isNetworkFailure(error) ? unreachable(provider, error) : error;
    }
  }

  function signingFetch(key: SigningKey, timeout: number): typeof globalThis.fetch {
    return createSigningFetch({
      fetch: timed(fetch, timeout),
      now,
      sleep,
      additionalComponentsFor: coverQueryIfAny,
      signer: async (request) => {
        const token = await createJktJwt({ stableKey, ephemeralKey: key.publicJwk, now: request.now });
        return { key, token, signatureKey: jktJwtSignatureKey(token) };
      },
    });
  }

  return {
    register: ({ agentName, callback, ...hooks }, signal) =>
      exchange(signal, async ({ registration }, signedFetch) => {
        const body = JSON.stringify({ agent_name: agentName, ps: personServer, callback });
        const headers = { 'content-type': 'application/json' };
        const response = await signedFetch(requestTimeout)(registration, { method: 'POST', headers, body, signal });
        const poller = signedFetch(pollWait + requestTimeout);
        const polling = { now, sleep, deadline: now() + longestEnrolment, signal, wait: pollWait, url: registration };
        return poll(poller, response, { ...polling, ...hooks });
      }),
    refresh: (signal) =>
      exchange(signal, ({ refresh }, signedFetch) => signedFetch(requestTimeout)(refresh, { method: 'POST', signal })),
  };
}

async function discoverEndpoints(
  fetch: typeof globalThis.fetch,
  provider: ServerIdentifier,
  { identifiers, now, signal }: { identifiers: IdentifierPolicy; now: Clock; signal: AbortSignal },
): Promise<Endpoints> {
  const url = `${provider}/.well-known/${metadataDocuments.agentProvider}`;
  const response = await fetch(url, { redirect: 'manual', signal });
  if (response.status !== 200) throw await readProviderError(response, provider, now);
  const metadata = (await readJsonObject(response)) ?? {};
  if (metadata.issuer !== provider) throw unusableMetadata(url, 'its issuer is not the provider', metadata.issuer);
  return { registration: endpoint('registration_endpoint'), refresh: endpoint('refresh_endpoint') };

  function endpoint(name: string): URL {
    try {
      return parseEndpointUrl(metadata[name], identifiers);
    } catch (error) {
      throw unusableMetadata(url, `${name} is not usable`, error);
    }
  }
}

function unusableMetadata(url: string, reason: string, cause: unknown): PeerError {
  return new PeerError('invalid_response', 502, `The metadata at ${url} cannot be used: ${reason}.`, { cause });
}

function timed(fetch: typeof globalThis.fetch, seconds: number): typeof globalThis.fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(seconds * 1000);
    return fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout });
  };
}
