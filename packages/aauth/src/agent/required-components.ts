import { baseComponents, bodyComponents } from '../signatures/components.ts';
import { type BufferedRequest, hasComponent } from './buffered-request.ts';
import type { SignatureRefusal } from './signature-refusal.ts';

const maxOrigins = 256;

/** What servers have required signatures to cover when they refused one with `invalid_input`. */
export interface RequiredComponents {
  /** What the server of a request required last, as far as the request has it. */
  of(request: BufferedRequest): readonly string[];
  learn(request: BufferedRequest, refusal: SignatureRefusal): void;
}

/** Remembers it by origin, for the 256 origins learned last: a server that refused once would refuse every time. */
export function createRequiredComponents(): RequiredComponents {
  const required = new Map<string, readonly string[]>();
  return {
    of: (request) =>
      (required.get(request.url.origin) ?? []).filter(
        (name) => hasComponent(request, name) && (request.body !== undefined || !bodyComponents.includes(name)),
      ),
    learn({ url: { origin } }, { requiredInput = [] }) {
      required.delete(origin);
      required.set(
        origin,
        requiredInput.filter((name): name is string => name !== undefined && !baseComponents.includes(name)),
      );
      const [oldest] = required.keys();
      if (required.size > maxOrigins && oldest !== undefined) required.delete(oldest);
    },
  };
}
