import { expect, test } from 'vitest';
import { createA2AClient } from './client.ts';
import { limitResponse } from './limit-response.ts';

test('an answer within the limit is read as it came, with its status and headers', async () => {
  const response = limitResponse(new Response('12345', { status: 203, headers: { 'x-a': 'b' } }), 5);
  expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([203, 'b', '12345']);
  expect(limitResponse(new Response(null, { status: 204 })).status).toBe(204);
});

test('a longer one breaks off, and no more of it is read', async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  await expect(limitResponse(new Response(endless), 5000).text()).rejects.toMatchObject({ code: 'invalid_response' });
  expect(sent).toBeLessThan(20);
});

test.each([200, 500])('an agent that answers %i and never ends is a failed call', async (status) => {
  const text = new TextEncoder().encode('x'.repeat(1024 * 1024));
  const fetch = async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(text) });
    return new Response(endless, { status, headers: { 'content-type': 'application/json' } });
  };
  const client = createA2AClient({ url: 'http://agent.localhost:3000/', fetch });
  await expect(client.send('hello')).rejects.toMatchObject({ code: 'invalid_response' });
});
