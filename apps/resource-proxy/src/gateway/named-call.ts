import { withSpan } from '@aauth-stack/telemetry';

/** What a request does in the protocol that its body speaks. */
export interface NamedCall {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Runs work in a span that is called like the call that it carries out; in none when the call has no name. */
export function inCall<T>(call: NamedCall | undefined, work: () => Promise<T>): Promise<T> {
  return call ? withSpan(call.name, { ...call.attributes }, work) : work();
}
