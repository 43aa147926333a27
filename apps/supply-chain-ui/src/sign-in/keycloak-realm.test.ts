// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';

const realm: {
  realm: string;
  users: { username: string }[];
  clients: { clientId: string; publicClient: boolean; redirectUris: string[]; attributes: Record<string, string> }[];
} = JSON.parse(readFileSync(new URL('../../../../infra/keycloak/realm.json', import.meta.url), 'utf8'));

test('the realm that compose imports knows these pages as they present themselves', () => {
  const issuer = `http://keycloak.localhost:8180/realms/${realm.realm}`;
  const { settings } = loadConfig({ OIDC_ISSUER: issuer }, () => {});
  const client = realm.clients.find(({ clientId }) => clientId === settings.oidc?.client_id);
  expect(client).toMatchObject({ publicClient: true, attributes: { 'pkce.code.challenge.method': 'S256' } });
  expect(client?.redirectUris).toContain('http://localhost:3050/signed-in');
  expect(client?.attributes['post.logout.redirect.uris']?.split('##')).toContain('http://localhost:3050/');
  expect(realm.users.map(({ username }) => username)).toEqual(['mcp-user']);
});
