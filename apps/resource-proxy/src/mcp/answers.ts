import type { McpItem, McpMessage } from './messages.ts';

/** Of JSON-RPC's range for servers: the policy does not admit the call. */
const deniedCode = -32_003;

export function denial(item: McpItem): { code: number; message: string; data: object } {
  return {
    code: deniedCode,
    message: `The policy of this gateway does not admit the ${item.kind} ${item.name}.`,
    data: { error: 'denied', [item.kind]: item.name },
  };
}

/** The answer to messages of which some are denied. None of them is passed on: half of a batch is nothing that anybody asked for. */
export function deniedResponse(
  messages: readonly McpMessage[],
  isDenied: (message: McpMessage) => boolean,
  isBatch: boolean,
): Response {
  const answers = messages.flatMap((message) => {
    if (message.id === undefined) return [];
    const error =
      message.item && isDenied(message)
        ? denial(message.item)
        : { code: deniedCode, message: 'Another message of this batch is denied, so none was passed on.' };
    return [{ jsonrpc: '2.0', id: message.id, error }];
  });
  if (answers.length === 0) return new Response(null, { status: 202 });
  return Response.json(isBatch ? answers : answers[0]);
}

/** A refusal that belongs to no message. */
export function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });
}
