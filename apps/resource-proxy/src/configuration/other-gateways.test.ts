import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';

const inInfra = (file: string) => fileURLToPath(new URL(`../../../../infra/${file}`, import.meta.url));
const AAUTH_PROXY_SECRET = 'a-secret-of-the-tests-0123456789abcdef';

test('the file for agentgateway is one that our own gateway could serve: every route, resource and scope is there', () => {
  const { gateway, remarks } = loadConfig({
    AAUTH_PROXY_SECRET,
    AAUTH_CONFIG: inInfra('envoy/aauth-config.yaml'),
    GATEWAY_CONFIG: inInfra('agentgateway/config.yaml'),
  });
  expect(remarks).toEqual([]);
  const routes = gateway?.binds.flatMap(({ listeners }) => listeners.flatMap((listener) => listener.routes)) ?? [];
  expect(routes.map(({ name, protection }) => [name, protection?.resourceId, protection?.requiredScopes])).toEqual([
    ['write', 'notes', ['notes:write']],
    ['read', 'notes', []],
    ['aauth', undefined, undefined],
  ]);
});

test('both files ask on the port that the resources’ file names, and send whole bodies', () => {
  const [envoy, agentgateway, resources] = [
    'envoy/envoy.yaml',
    'agentgateway/config.yaml',
    'envoy/aauth-config.yaml',
  ].map((file) => readFileSync(inInfra(file), 'utf8'));
  expect(resources).toMatch(/grpc: :\S+:-7072\}/);
  expect(envoy).toContain('port_value: 7072');
  expect(envoy).toContain('pack_as_bytes: true');
  expect(envoy).toContain('failure_mode_allow: false');
  expect(agentgateway?.match(/host: localhost:7072/g)).toHaveLength(2);
  expect(agentgateway?.match(/packAsBytes: true/g)).toHaveLength(2);
});
