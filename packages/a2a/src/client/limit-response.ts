import { A2ACallError } from './call-error.ts';

/** Far more than any report has. */
const defaultLimit = 8 * 1024 * 1024;

/** A response that breaks off when it is longer than anybody wants to keep: a peer decides how much it sends, not how much is read. */
export function limitResponse(response: Response, maxBytes = defaultLimit): Response {
  if (!response.body) return response;
  let length = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      length += chunk.byteLength;
      if (length <= maxBytes) controller.enqueue(chunk);
      else controller.error(new A2ACallError('invalid_response', `The answer has more than ${maxBytes} bytes.`));
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}
