import type { SignatureErrorCode } from '../errors.ts';
import { baseComponents, componentValue } from '../signatures/components.ts';
import type { BufferedRequest } from './buffered-request.ts';
import type { ClockOffsets } from './clock-offsets.ts';
import type { SignatureRefusal } from './signature-refusal.ts';
import type { Refusal, Signer } from './signer.ts';

/** How a request is signed. */
export interface Presentation {
  readonly signer: Signer;
  /** Covered beside the four that always are. */
  readonly components: readonly string[];
}

/** A refusal and what can be done about it. */
export interface RefusedExchange {
  readonly request: BufferedRequest;
  readonly presentation: Presentation;
  readonly refusal: SignatureRefusal;
  readonly response: Response;
  readonly offsets: ClockOffsets;
  /** Asks the source again. */
  acquire(refused?: Refusal): Promise<Signer>;
}

/** Finds another way to sign the request; `undefined` when there is none and the refusal stands. */
type Recovery = (exchange: RefusedExchange) => Promise<Presentation | undefined>;

/**
 * What an agent does about each `Signature-Error` (AAuth Protocol, "Authentication Errors"). Codes without an entry stand:
 * `unsupported_algorithm` too, since a signer has one key.
 */
export const recoveries: Readonly<Partial<Record<SignatureErrorCode, Recovery>>> = {
  invalid_input: coverWhatIsRequired,
  expired_jwt: presentAnotherToken,
  revoked_jwt: presentAnotherToken,
  clock_skew: signByTheServersClock,
};

export function isRecoverable(code: string): code is SignatureErrorCode {
  return Object.hasOwn(recoveries, code);
}

async function coverWhatIsRequired({
  request,
  presentation,
  refusal,
}: RefusedExchange): Promise<Presentation | undefined> {
  const covered = new Set<string>([...baseComponents, ...presentation.components]);
  const missing: string[] = [];
  for (const component of refusal.requiredInput ?? []) {
    if (component === undefined) return undefined;
    if (covered.has(component)) continue;
    if (typeof componentValue(request.message, component) !== 'string') return undefined;
    missing.push(component);
  }
  if (missing.length === 0) return undefined;
  return { ...presentation, components: [...presentation.components, ...missing] };
}

async function presentAnotherToken(exchange: RefusedExchange): Promise<Presentation | undefined> {
  const { presentation, refusal, acquire } = exchange;
  const { token } = presentation.signer;
  if (token === undefined || (refusal.code !== 'expired_jwt' && refusal.code !== 'revoked_jwt')) return undefined;
  const signer = await acquire({ token, code: refusal.code });
  return signer.token === token ? undefined : { ...presentation, signer };
}

async function signByTheServersClock(exchange: RefusedExchange): Promise<Presentation | undefined> {
  const { request, presentation, response, offsets, acquire } = exchange;
  if (!offsets.learn(request.url.origin, response)) return undefined;
  return { ...presentation, signer: await acquire() };
}
