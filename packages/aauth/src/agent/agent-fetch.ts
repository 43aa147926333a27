import { systemSleep } from '../clock.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { parseRequirement } from '../requirement.ts';
import { discardBody } from '../response-body.ts';
import type { Agent } from './agent.ts';
import type { AgentFetch, AgentFetchOptions, WorkFetch, WorkOptions } from './agent-fetch-options.ts';
import type { Call } from './call.ts';
import { readDemand } from './demands.ts';
import { createFlights } from './flights.ts';
import { awaitHeldCall } from './held-call.ts';
import { createHeldTokens } from './held-tokens.ts';
import { publishedComponents, readResourceMetadata } from './plan.ts';
import { createRemedies } from './remedies.ts';
import { bufferResourceRequest } from './resource-request.ts';
import { readSignatureRefusal } from './signature-refusal.ts';
import { abortable } from './signer.ts';
import { createSigningExchange, withoutRedirect } from './signing-fetch.ts';
import { presentedType, signerOf } from './standing.ts';
import { parseUpstream } from './upstream.ts';

/**
 * Makes a `fetch` that gets the access which a resource requires (AAuth Protocol, "Consuming a Resource End to End"): it signs like
 * {@link createSignedFetch}, and answers `AAuth-Requirement` by presenting the agent token, a person token, or the auth token that
 * it gets for the resource token of the challenge. `access_mode` in the resource's metadata spares it refusals; what the resource
 * requires when it is called goes before. Calls held with 202 are waited for.
 *
 * Resource tokens are verified before they are used, person and auth tokens before they are presented. Person tokens are kept per
 * resource, auth tokens per resource and scope, both per person server, agent key and upstream token; they are renewed with five
 * minutes left, top down. An auth token that the person was asked for on behalf of one piece of work (`with`) is used for that piece
 * alone: the next one asks again, and the person server knows whether its answer is to be remembered. Concurrent calls share each
 * request to the person server. A body is sent again as it was.
 *
 * Nothing is repeated without end: within one call, each remedy is tried a fixed number of times, two exchanges at most. What a
 * resource answers after that is returned like any other response, and so is every refusal that nothing can be done about.
 *
 * A call whose signal is aborted with a DeferredError `abandoned` as the reason takes back what it waits for, unless other calls wait for
 * it too; aborted for another reason, it leaves that to expire.
 *
 * The function returned throws, beside what `createSignedFetch` says:
 * - UnavailableError when the person server, or the keys of the resource, cannot be reached
 * - PeerError with the code of a person server's refusal; `invalid_resource_token` for a challenge that is not for this agent and
 *   this request; `invalid_response` for a token that is not the one asked for; `unsupported_requirement`
 * - DeferredError when a pending request ends without a result, is taken back by `onClarification`, or `maxWait` passes
 * - IdentifierError when the URL's origin is not a server identifier that `identifiers` admits
 *
 * @param options who the agent is, how it reaches servers, and what it can do about challenges
 * @returns the `fetch`, with variants of it for pieces of work
 */
export function createAgentFetch(options: AgentFetchOptions): AgentFetch {
  const { now, sleep = systemSleep, discovery, identifiers, keys } = options;
  const { credentials, personServer, platform, device, maxWait, requestTimeout = 10 } = options;
  const signing = { ...options, additionalComponentsFor: options.additionalComponentsFor ?? (() => []) };
  const exchange = createSigningExchange(signing);
  const exchangeWithPeer = createSigningExchange({ ...signing, fetch: options.peerFetch ?? options.fetch });
  const agent: Agent = {
    credentials,
    personServer,
    platform,
    device,
    maxWait,
    requestTimeout,
    now,
    sleep,
    exchange,
    exchangeWith: (peer) => (peer === personServer ? exchange : exchangeWithPeer),
    verification: { discovery, identifiers, keys, now },
    held: createHeldTokens({ now }),
    personTokens: createFlights(),
    grants: createFlights(),
  };
  const fetchFor =
    (own: WorkOptions, of: Pick<Call, 'work' | 'upstream'>): WorkFetch =>
    async (input, init) =>
      run(await openCall(agent, { ...combine(options, own), ...of }, input, init));
  return Object.assign(fetchFor({}, { work: undefined, upstream: undefined }), {
    with: (own: WorkOptions) => fetchFor(own, { work: Symbol('work'), upstream: undefined }),
    withUpstream: (upstreamToken: string, own: WorkOptions = {}) =>
      fetchFor(own, { work: Symbol('work'), upstream: parseUpstream(upstreamToken, identifiers) }),
  });
}

function combine(options: WorkOptions, work: WorkOptions): WorkOptions {
  const { capabilities, justification, onClarification } = { ...options, ...work };
  return {
    capabilities,
    justification,
    onClarification,
    onEvent(event) {
      options.onEvent?.(event);
      work.onEvent?.(event);
    },
  };
}

type OwnOptions = WorkOptions & Pick<Call, 'work' | 'upstream'>;

async function openCall(
  agent: Agent,
  { work, upstream, capabilities = [], justification, onClarification, onEvent }: OwnOptions,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Call> {
  const request = await bufferResourceRequest({ capabilities }, input, init);
  const { url } = request;
  const resource = parseServerIdentifier(url.origin, agent.verification.identifiers);
  return {
    agent,
    request,
    resource,
    metadata: await abortable(readResourceMetadata(agent, resource), request.signal),
    personServer: upstream?.personServer ?? agent.personServer,
    upstream,
    work,
    capabilities,
    justification,
    onClarification,
    emit: (event) => onEvent?.({ ...event, resource, method: request.message.method, url: url.href }),
  };
}

async function run(call: Call): Promise<Response> {
  const { request, emit } = call;
  const response = await withoutRedirect(request, await answer(call));
  if (response.status === 401) {
    const requirement = parseRequirement(response.headers.get('aauth-requirement'))?.requirement;
    emit({ type: 'refused', status: response.status, requirement, code: readSignatureRefusal(response)?.code });
  }
  return response;
}

async function answer(call: Call): Promise<Response> {
  const { agent, request, metadata, emit } = call;
  const components = publishedComponents(metadata, request);
  const remedies = createRemedies(call);
  let standing = await remedies.begin();
  for (let attempt = 1; ; attempt += 1) {
    emit({ type: 'presented', tokenType: presentedType(standing), attempt });
    const response = await agent.exchange(request, signerOf(standing), components);
    if (response.status === 202) return awaitHeldCall(call, remedies, standing, response);
    try {
      const demand = readDemand(call, standing, response);
      const next = demand && (await remedies.meet(demand, standing));
      if (!next) return response;
      standing = next;
    } catch (error) {
      await discardBody(response);
      throw error;
    }
    await discardBody(response);
  }
}
