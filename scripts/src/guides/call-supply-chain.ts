/** Asks the supply-chain agent through the proxy, by a JSON-RPC `message/send` of A2A 0.3. */
export function callSupplyChain(fetch: typeof globalThis.fetch): Promise<Response> {
  const text = 'optimize laptop supply chain';
  const message = { kind: 'message', role: 'user', messageId: crypto.randomUUID(), parts: [{ kind: 'text', text }] };
  return fetch('http://supply-chain-agent.localhost:3000/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: { message } }),
  });
}
