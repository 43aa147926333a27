import type { SignatureErrorCode } from '../errors.ts';
import { discardBody } from '../response-body.ts';
import { baseComponents, bodyComponents } from '../signatures/components.ts';
import { type BufferedRequest, hasComponent } from './buffered-request.ts';
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

type Recovery = (exchange: RefusedExchange) => Promise<Presentation | undefined>;

/**
 * What an agent does about each `Signature-Error` (AAuth Protocol, "Authentication Errors"). Codes without an entry stand:
 * `unsupported_algorithm` too, since a signer has one key.
 */
const recoveries = {
  invalid_input: coverWhatIsRequired,
  expired_jwt: presentAnotherToken,
  revoked_jwt: presentAnotherToken,
  clock_skew: signByTheServersClock,
} satisfies Partial<Record<SignatureErrorCode, Recovery>>;

export type RecoverableCode = keyof typeof recoveries;

export function isRecoverable(code: string): code is RecoverableCode {
  return Object.hasOwn(recoveries, code);
}

/**
 * Looks for another way to sign a refused request. Lets go of the response, unless the refusal stands.
 *
 * @returns `undefined` when there is none
 */
export async function recover(code: RecoverableCode, exchange: RefusedExchange): Promise<Presentation | undefined> {
  try {
    const next = await recoveries[code](exchange);
    if (next) await discardBody(exchange.response);
    return next;
  } catch (error) {
    await discardBody(exchange.response);
    throw error;
  }
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
    if (covered.has(component) || (!request.body && bodyComponents.includes(component))) continue;
    if (!hasComponent(request, component)) return undefined;
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
