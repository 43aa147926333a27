import { z } from 'zod';
import type { NamedCall } from '../gateway/named-call.ts';

const call = z.looseObject({ method: z.string().regex(/^[\w./$-]{1,100}$/) });

/** The method that a JSON-RPC request calls, if it is one. */
export function a2aMethod(body: Uint8Array): string | undefined {
  try {
    return call.safeParse(JSON.parse(new TextDecoder().decode(body))).data?.method;
  } catch {
    return undefined;
  }
}

/** What a request to an agent does, for spans and the access log. */
export function nameA2aCall(method: string | undefined): NamedCall | undefined {
  return method === undefined ? undefined : { name: `a2a ${method}`, attributes: { 'a2a.method': method } };
}
