import { z } from 'zod';
import type { NamedCall } from '../gateway/named-call.ts';
import { hasLookalike, parseUnambiguousJson } from '../gateway/unambiguous-json.ts';

const call = z.looseObject({ method: z.string().regex(/^[\w./$-]{1,100}$/) });

const decisive = new Set(['method']);

/** The method that a JSON-RPC request calls, if it is one, and one that every reader reads alike. */
export function a2aMethod(body: Uint8Array): string | undefined {
  const { data } = call.safeParse(parseUnambiguousJson(body));
  return data && !hasLookalike(data, decisive) ? data.method : undefined;
}

/** What a request to an agent does, for spans and the access log. */
export function nameA2aCall(method: string | undefined): NamedCall | undefined {
  return method === undefined ? undefined : { name: `a2a ${method}`, attributes: { 'a2a.method': method } };
}
