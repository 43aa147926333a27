import { z } from 'zod';

const call = z.looseObject({ method: z.string().regex(/^[\w./$-]{1,100}$/) });

/** The method that a JSON-RPC request calls, if it is one. */
export function jsonRpcMethod(body: Uint8Array): string | undefined {
  try {
    return call.safeParse(JSON.parse(new TextDecoder().decode(body))).data?.method;
  } catch {
    return undefined;
  }
}
