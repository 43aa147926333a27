import { serializeList, Token } from 'structured-headers';
import type { Agent } from './agent.ts';
import { type BufferedRequest, bufferRequest } from './buffered-request.ts';

/** Turns what `fetch` takes into a request that says what the agent can handle, unless it says so already. */
export async function bufferResourceRequest(
  { capabilities }: Pick<Agent, 'capabilities'>,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<BufferedRequest> {
  const request = await bufferRequest(input, init);
  if (capabilities.length > 0 && !request.headers.has('aauth-capabilities')) {
    request.headers.set('aauth-capabilities', formatCapabilities(capabilities));
  }
  return request;
}

function formatCapabilities(capabilities: readonly string[]): string {
  return serializeList(capabilities.map((name) => [new Token(name), new Map()]));
}
