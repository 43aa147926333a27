import { expect, it, onTestFinished, vi } from 'vitest';
import { startServer } from '../../test/support/server.ts';
import { type AdmittedFetchOptions, createAdmittedFetch } from './admitted-fetch.ts';

async function setUp(options: Partial<AdmittedFetchOptions> = {}) {
  const received: string[] = [];
  const { port } = await startServer((req, res) => {
    received.push(`${req.method} ${req.headers.host}${req.url}`);
    if (req.url === '/redirect') res.writeHead(307, { location: '/revoke' }).end();
    else res.writeHead(200).end('done');
  });
  const fetch = createAdmittedFetch({ allowLoopback: true, ...options });
  onTestFinished(() => fetch.close());
  const post = (path: string, host = 'resource.localhost', init: RequestInit = {}) =>
    fetch(`http://${host}:${port}${path}`, { method: 'POST', body: '{}', ...init });
  return { post, received };
}

it('sends any request to a host that is admitted', async () => {
  const { post, received } = await setUp();
  const response = await post('/revoke');
  expect(await response.text()).toBe('done');
  expect(received).toEqual([expect.stringMatching(/^POST resource\.localhost:\d+\/revoke$/)]);
});

it('W19: reaches nothing that is not admitted, by name or by address', async () => {
  const lookup = vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]);
  const { post, received } = await setUp({ lookup });
  for (const host of ['outside.example', '10.0.0.1', '169.254.169.254']) {
    await expect(post('/revoke', host)).rejects.toThrow(TypeError);
  }
  const fetch = createAdmittedFetch({ allowLoopback: true, lookup, headersTimeout: 1 });
  onTestFinished(() => fetch.close());
  const refused: unknown = await fetch('https://outside.example/revoke', { method: 'POST' }).catch((error) => error);
  expect(refused).toMatchObject({ cause: { message: expect.stringContaining('not a public address') } });
  const closed = await setUp({ allowLoopback: false });
  await expect(closed.post('/revoke')).rejects.toThrow('not allowed');
  expect([...received, ...closed.received]).toEqual([]);
});

it('follows no redirect, whatever was asked for', async () => {
  const { post, received } = await setUp();
  await expect(post('/redirect', undefined, { redirect: 'follow' })).rejects.toThrow(TypeError);
  expect(received).toHaveLength(1);
});
