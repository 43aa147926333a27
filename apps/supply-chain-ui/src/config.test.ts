// @vitest-environment node
import { expect, test, vi } from 'vitest';
import { loadConfig } from './config.ts';

test('without settings it serves the stack of this machine, and everybody is a guest', () => {
  expect(loadConfig({}, () => {})).toEqual({
    host: '127.0.0.1',
    port: 3050,
    logLevel: 'info',
    settings: { backend_url: 'http://backend.localhost:8000', oidc: null },
    connectOrigins: ['http://backend.localhost:8000'],
  });
});

test('the known demo’s name of the backend is understood, with a word about the new one', () => {
  const warn = vi.fn();
  const { settings } = loadConfig({ REACT_APP_API_BASE_URL: 'http://localhost:8000' }, warn);
  expect(settings.backend_url).toBe('http://localhost:8000');
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('BACKEND_URL'));
});

test('the pages may call the provider’s origin, and those that are named', () => {
  const { connectOrigins } = loadConfig(
    { OIDC_ISSUER: 'https://login.example/realms/a', CONNECT_ORIGINS: 'https://tokens.example' },
    () => {},
  );
  expect(connectOrigins).toEqual(['http://backend.localhost:8000', 'https://login.example', 'https://tokens.example']);
});

test.each([
  ['BACKEND_URL', 'http://localhost:8000/api'],
  ['BACKEND_URL', "http://x; script-src 'unsafe-inline'"],
  ['CONNECT_ORIGINS', '*'],
  ['OIDC_ISSUER', 'login.example'],
])('%s=%s is refused, by name', (name, value) => {
  expect(() => loadConfig({ [name]: value }, () => {})).toThrow(name);
});
