import { type AgentProvider, type Presentation, present, startParty } from '@aauth-stack/by-hand';

/** A request that an agent made by hand sent, as raw HTTP. */
export async function captureRequest(
  provider: AgentProvider,
  options: Presentation & { readonly target?: string; readonly token?: string } = {},
): Promise<{ readonly raw: string; readonly origin: string }> {
  const sink = await startParty({ dwk: 'aauth-resource.json', kid: 'rs-1', answer: () => ({ status: 200 }) });
  try {
    const token = options.token ?? (await provider.token());
    await present(`${sink.issuer}${options.target ?? '/stock?item=1'}`, token, provider.agentKey, options);
    const received = sink.received.at(-1);
    if (!received) throw new Error('Nothing arrived.');
    const { method, path, query, headers, body } = received;
    const head = [
      `${method} ${path}${query && `?${query}`} HTTP/1.1`,
      ...[...headers].map((field) => field.join(': ')),
    ];
    return { raw: `${head.join('\r\n')}\r\n\r\n${Buffer.from(body)}`, origin: sink.issuer };
  } finally {
    await sink.close();
  }
}
