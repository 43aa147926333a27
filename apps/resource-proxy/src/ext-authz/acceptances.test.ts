import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acceptances } from '../testing/acceptances.ts';
import { send } from '../testing/client.ts';
import { type CheckClient, checkMessage, createCheckClient } from '../testing/ext-authz-client.ts';
import { proxySecret, startProxy, type TestProxy } from '../testing/proxy.ts';

let proxy: TestProxy;
let client: CheckClient;

beforeAll(async () => {
  proxy = await startProxy({
    mode: 'mode3',
    resources: (text) =>
      text
        .replaceAll('require: auth-token', 'require: identity')
        .replaceAll('allow_pseudonymous: false', 'allow_pseudonymous: true')
        .replaceAll(/allowed_signature_key_schemes:\n( +)- jwt\n/g, '$&$1- jwks_uri\n$1- hwk\n')
        .replace('forward_token: true', 'forward_token: false'),
    gateway: (text) => text.replaceAll(/extauthz\.ps == .* &&\n.* in extauthz\.scopes/g, '"level" in extauthz'),
  });
  client = createCheckClient(proxy.grpcPort);
});

afterAll(async () => {
  client.close();
  await proxy.close();
});

// Signatures of Ed25519 repeat themselves within a second.
beforeEach(() => {
  proxy.clock.now += 1;
});

describe.each(acceptances)('$name', ({ request, statements, metadata }) => {
  test('at our own gateway', async () => {
    const options = await request(proxy);
    expect((await send(proxy.port, await proxy.signed(options))).status).toBe(200);
    const { headers = {} } = proxy.backend.received.at(-1) ?? {};
    const stated = Object.entries(headers).filter(([name]) => name.startsWith('x-aauth-'));
    expect(Object.fromEntries(stated)).toEqual({ ...statements(proxy), 'x-aauth-proxy-secret': proxySecret });
  });

  test('at another one, with the same in headers and in metadata', async () => {
    const options = await request(proxy);
    const answer = await client.check(checkMessage(await proxy.signed(options)));
    expect(answer).toMatchObject({ code: 0, allowed: { headers: statements(proxy) } });
    expect(answer.allowed?.headers).toEqual(statements(proxy));
    const stated = statements(proxy);
    expect(answer.metadata).toEqual({
      level: stated['x-aauth-level'],
      scheme: stated['x-aauth-scheme'],
      jkt: stated['x-aauth-jkt'],
      ...metadata(proxy),
    });
  });
});
