import { capabilitiesHeader, formatCapabilities } from '../capabilities.ts';
import { type BufferedRequest, bufferRequest } from './buffered-request.ts';
import type { Call } from './call.ts';

/** Turns what `fetch` takes into a request that says what the agent can handle, unless it says so already. */
export async function bufferResourceRequest(
  { capabilities }: Pick<Call, 'capabilities'>,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<BufferedRequest> {
  const request = await bufferRequest(input, init);
  if (capabilities.length > 0 && !request.headers.has(capabilitiesHeader)) {
    request.headers.set(capabilitiesHeader, formatCapabilities(capabilities));
  }
  return request;
}
