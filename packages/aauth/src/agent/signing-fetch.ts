import { type Clock, type Sleep, systemSleep } from '../clock.ts';
import { discardBody } from '../response-body.ts';
import { bodyComponents } from '../signatures/components.ts';
import { signMessage } from '../signatures/sign.ts';
import type { SignatureHeaders } from '../signatures/types.ts';
import { type BufferedRequest, bufferRequest } from './buffered-request.ts';
import { type ClockOffsets, createClockOffsets } from './clock-offsets.ts';
import { type CreatedSequence, createdSequence } from './created.ts';
import { isRecoverable, type Presentation, recover } from './recoveries.ts';
import { createRequiredComponents, type RequiredComponents } from './required-components.ts';
import { readSignatureRefusal, type SignatureRefusal } from './signature-refusal.ts';
import { abortable, type Refusal, type Signer, type SignerSource, withoutRevoked } from './signer.ts';
import { SigningError } from './signing-error.ts';
import type { SigningStep } from './steps.ts';

/** What every signing fetch can be told, whatever its scheme. */
export interface SigningOptions {
  /** Sends the signed requests. */
  readonly fetch: typeof globalThis.fetch;
  readonly now: Clock;
  readonly sleep?: Sleep;
  /**
   * Components to cover beside `@method`, `@authority`, `@path` and `signature-key`. Default `@query`. A body is covered in any
   * case (`content-type`, `content-digest`), and so is `authorization`.
   */
  readonly additionalComponentsFor?: (url: URL) => readonly string[];
  /**
   * Makes the `nonce` of each signature (RFC 9421 §2.3). Default: none, which is enough for a process that has its key to itself; several
   * that share one need it, or a verifier takes two requests alike of one second for a replay.
   */
  readonly nonce?: () => string;
  /** Called at each step, for traces. What it throws fails the request. */
  readonly onStep?: (step: SigningStep) => void;
}

/** Sends a request that is in memory, signed by whatever the source hands out, and answers each kind of refusal once. */
export type SigningExchange = (
  request: BufferedRequest,
  source: SignerSource,
  /** Components to cover beside those of the options, as far as the request has them. */
  components?: readonly string[],
) => Promise<Response>;

interface Shared {
  readonly options: SigningOptions;
  readonly offsets: ClockOffsets;
  readonly required: RequiredComponents;
  readonly created: CreatedSequence;
}

/**
 * The `fetch` behind every signing fetch: signs each request, and answers each kind of refusal once.
 */
export function createSigningFetch(
  options: SigningOptions & { readonly signer: SignerSource },
): typeof globalThis.fetch {
  const exchange = createSigningExchange(options);
  const source = withoutRevoked(options.signer);
  return async (input, init) => {
    const request = await bufferRequest(input, init);
    return withoutRedirect(request, await exchange(request, source));
  };
}

/** Covers `@query` where there is one: what peers make of its absence differs (RFC 9421 §2.2.7: it signs as `?`). */
export function coverQueryIfAny({ search }: URL): readonly string[] {
  return search === '' ? [] : ['@query'];
}

/** The same for callers that choose the signer request by request, and send one request more than once. */
export function createSigningExchange(options: SigningOptions): SigningExchange {
  const { now, sleep = systemSleep } = options;
  const created = createdSequence(now, sleep);
  const shared = { options, offsets: createClockOffsets(now), required: createRequiredComponents(), created };
  return (request, source, components = []) => exchangeSigned(shared, request, source, components);
}

/** @throws TypeError for a redirect, where the request has `redirect: 'error'` */
export async function withoutRedirect(request: BufferedRequest, response: Response): Promise<Response> {
  if (request.redirect !== 'error' || response.status < 300 || response.status > 399) return response;
  await discardBody(response);
  throw new TypeError(`${request.url.origin} answered with a redirect, which the request forbids.`);
}

async function exchangeSigned(
  shared: Shared,
  request: BufferedRequest,
  source: SignerSource,
  additional: readonly string[],
): Promise<Response> {
  const { offsets, options, required } = shared;
  const { onStep, additionalComponentsFor = () => ['@query'] } = options;
  const acquire = (refused?: Refusal): Promise<Signer> => acquireSigner(shared, source, request, refused);
  const components = new Set([
    ...additionalComponentsFor(request.url),
    ...(request.body ? bodyComponents : []),
    ...additional,
    ...required.of(request),
  ]);
  let presentation: Presentation = { signer: await acquire(), components: [...components] };
  const answered = new Set<string>();
  for (let attempt = 1; ; attempt += 1) {
    const step = { method: request.message.method, url: request.url.href, attempt };
    const response = await send(shared, request, presentation, step);
    const refusal = readSignatureRefusal(response);
    if (!refusal) return response;
    onStep?.({ ...step, type: 'refused', code: refusal.code, ...acceptedAlgorithms(refusal, response) });
    if (!isRecoverable(refusal.code) || answered.has(refusal.code)) return response;
    answered.add(refusal.code);
    const next = await recover(refusal.code, { request, presentation, refusal, response, offsets, acquire });
    if (!next) return response;
    if (refusal.code === 'invalid_input') required.learn(request, refusal);
    onStep?.({ ...step, type: 'retried', because: refusal.code });
    presentation = next;
  }
}

async function acquireSigner(
  { options, offsets }: Shared,
  source: SignerSource,
  request: BufferedRequest,
  refused?: Refusal,
): Promise<Signer> {
  const { origin } = request.url;
  const now = (): number => options.now() + offsets.get(origin);
  return abortable(source({ now, refused }), request.signal);
}

async function send(
  { options, offsets, created }: Shared,
  request: BufferedRequest,
  presentation: Presentation,
  step: { method: string; url: string; attempt: number },
): Promise<Response> {
  const { url, body, signal } = request;
  const time = (await created(request)) + offsets.get(url.origin);
  const signature = await sign(request, presentation, time, options.nonce?.());
  const { scheme } = presentation.signer.signatureKey;
  options.onStep?.({ ...step, type: 'signed', scheme, signatureInput: signature['signature-input'] });
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(signature)) headers.set(name, value);
  // Never followed: the signature names this method, host and path, and the token in it is for this server.
  return options.fetch(url.href, { method: step.method, headers, body, redirect: 'manual', signal });
}

async function sign(
  { message, url }: BufferedRequest,
  { signer, components }: Presentation,
  created: number,
  nonce: string | undefined,
): Promise<SignatureHeaders> {
  try {
    const { key, signatureKey } = signer;
    return await signMessage(message, { key, signatureKey, additionalComponents: components, created, nonce });
  } catch (cause) {
    throw new SigningError(message.method, url, cause);
  }
}

function acceptedAlgorithms(refusal: SignatureRefusal, response: Response): { acceptedAlgorithms?: string } {
  const header = response.headers.get('accept-signature-alg');
  return refusal.code === 'unsupported_algorithm' && header !== null ? { acceptedAlgorithms: header } : {};
}
