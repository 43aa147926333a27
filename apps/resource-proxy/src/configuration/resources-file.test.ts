import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { failure } from '../testing/config-failure.ts';
import { loadResourcesFile } from './resources-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'resources-file-'));
const file = join(directory, 'aauth-config.yaml');

afterAll(() => rmSync(directory, { recursive: true }));

const valid = `
listen:
  http: :8081
resources:
  - id: agent
    issuer: http://agent.localhost:3000
    hosts: [agent.localhost]
    authority_override: agent.localhost:3000
    signing_key: { kid: k1, alg: EdDSA, private_key_file: ../keys/agent.pem }
    signature_window: 60s
    additional_signature_components: ['@query']
    allowed_signature_key_schemes: [jwt]
    allowed_jwt_types: [aa-agent+jwt]
    agent_servers: [{ issuer: http://ap.localhost:8766, jwks_uri: http://ap.localhost:8766/keys }]
`;

/** The same resource where it demands an auth token. */
const granting = (text: string) => `${text.replace('[aa-agent+jwt]', '[]')}    access: { require: auth-token }
    person_server: { issuer: http://ps.localhost:8765 }
    auth_servers: [{ issuer: http://other-ps.localhost:8765, jwks_uri: http://other-ps.localhost:8765/keys }]
    supported_scopes: [read, admin]
    scope_descriptions: { read: Read the reports }
    default_resource_token_scopes: [read]
`;

function load(text: string, allowLoopback = true) {
  writeFileSync(file, text);
  return loadResourcesFile(file, {}, { allowLoopback });
}

test('a valid file becomes resources', () => {
  expect(load(valid)).toMatchObject({
    listen: { grpc: { host: undefined, port: 7070 }, http: { host: undefined, port: 8081 } },
    remarks: [],
    resources: [
      {
        id: 'agent',
        identifier: 'http://agent.localhost:3000',
        authorities: ['agent.localhost:3000'],
        signingKey: { kid: 'k1', alg: 'Ed25519', file: join(directory, '..', 'keys', 'agent.pem') },
        signatureWindow: 60,
        schemes: ['jwt'],
        agentServers: [{ issuer: 'http://ap.localhost:8766', jwksUri: 'http://ap.localhost:8766/keys' }],
      },
    ],
  });
});

test('keys that are published beside the one that signs', () => {
  const next = 'published_keys: [{ kid: k2, private_key_file: ../keys/next.pem }]';
  const { resources } = load(`${valid}    ${next}\n`);
  expect(resources).toMatchObject([
    { publishedKeys: [{ kid: 'k2', alg: 'Ed25519', file: join(directory, '..', 'keys', 'next.pem') }] },
  ]);
  expect(failure(() => load(`${valid}    ${next.replace('k2', 'k1')}\n`)).message).toContain('a kid of its own');
  const alone = valid.replace(/signing_key: .*/, next);
  expect(failure(() => load(alone)).message).toContain('a signing_key, which is missing');
});

test('what is left out has the meaning of the published schema', () => {
  const { resources, remarks } = load('resources: [{ id: a, hosts: [a.localhost] }]');
  expect(resources).toMatchObject([
    { schemes: ['jwt', 'jwks_uri'], signatureWindow: 60, authorities: ['a.localhost'] },
  ]);
  expect(remarks).toEqual([expect.stringContaining('resource a: accepts agents of every agent provider')]);
});

test('a resource that demands auth tokens', () => {
  const { resources, remarks } = load(granting(valid));
  expect(remarks).toEqual([]);
  expect(resources).toMatchObject([
    {
      access: 'auth-token',
      asksForAuthTokens: true,
      tokenTypes: ['aa-agent+jwt', 'aa-person+jwt', 'aa-auth+jwt'],
      personServers: [
        { issuer: 'http://ps.localhost:8765' },
        { issuer: 'http://other-ps.localhost:8765', jwksUri: 'http://other-ps.localhost:8765/keys' },
      ],
      scopeDescriptions: { read: 'Read the reports', admin: 'admin' },
      defaultScopes: ['read'],
      forwardToken: false,
    },
  ]);
});

test('a list of types written for the known demo gets the person token, without which nobody obtains an auth token', () => {
  const written = granting(valid).replace('allowed_jwt_types: []', 'allowed_jwt_types: [aa-agent+jwt, aa-auth+jwt]');
  const { resources, remarks } = load(written);
  expect(resources[0]?.tokenTypes).toEqual(['aa-agent+jwt', 'aa-auth+jwt', 'aa-person+jwt']);
  expect(remarks).toEqual([expect.stringContaining('aa-person+jwt is accepted too')]);
});

test('settings without effect are said to be ignored', () => {
  const text = valid.replace('  http: :8081', '  http: :8081\n  grpc: :7070\njwks_cache: { success_ttl: 5m }').replace(
    '    signature_window',
    `    policy: { name: default }
    login_endpoint: http://agent.localhost:3000/login
    allow_insecure_jwt_issuer: true
    signature_window`,
  );
  expect(load(text).remarks.join('\n')).toMatch(/jwks_cache[\s\S]*policy[\s\S]*allow_insecure_jwt_issuer/);
});

test('an unknown key is reported with the line that it stands in', () => {
  const { problems } = failure(() => load(valid.replace('signature_window', 'signature_windows')));
  expect(problems).toEqual([
    {
      file,
      line: 10,
      key: 'resources[0]',
      reason: 'unknown key "signature_windows"; did you mean "signature_window"?',
    },
  ]);
});

const resource = 'resources[0]';

const rows: [name: string, change: (text: string) => string, key: string, reason: RegExp][] = [
  ['no resources', () => 'resources: []', 'resources', /./],
  ['an address that is none', (text) => text.replace(':8081', '8081'), 'listen.http', /an address such as :8081/],
  [
    'an unknown key',
    (text) => text.replace('agent_servers', 'agent_server'),
    resource,
    /did you mean "agent_servers"\?/,
  ],
  [
    'an issuer with a slash',
    (text) => text.replace('agent.localhost:3000\n    hosts', 'agent.localhost:3000/\n    hosts'),
    `${resource}.issuer`,
    /not a server identifier/,
  ],
  [
    'a provider that is not loopback over http',
    (text) => text.replace('http://ap.localhost:8766,', 'http://ap.example,'),
    `${resource}.agent_servers[0].issuer`,
    /must use https/,
  ],
  [
    'keys that are not loopback over http',
    (text) => text.replace('http://ap.localhost:8766/keys', 'http://ap.example/keys'),
    `${resource}.agent_servers[0].jwks_uri`,
    /must use https/,
  ],
  [
    'an upper-case host',
    (text) => text.replace('hosts: [agent', 'hosts: [Agent'),
    `${resource}.hosts[0]`,
    /lower-case host/,
  ],
  ['no authority at all', () => 'resources: [{ id: a }]', resource, /one of authority_override, issuer and hosts/],
  ['a window of nothing', (text) => text.replace('60s', '0s'), `${resource}.signature_window`, /at least 1s/],
  [
    'a window without unit',
    (text) => text.replace('60s', '60'),
    `${resource}.signature_window`,
    /a duration such as 60s/,
  ],
  [
    'an unknown scheme',
    (text) => text.replace('[jwt]', '[x509]'),
    `${resource}.allowed_signature_key_schemes[0]`,
    /jwt/,
  ],
  [
    'hwk without pseudonyms',
    (text) => text.replace('[jwt]', '[hwk]'),
    `${resource}.allowed_signature_key_schemes`,
    /allow_pseudonymous/,
  ],
  [
    'an unknown token type',
    (text) => text.replace('[aa-agent+jwt]', '[jwt]'),
    `${resource}.allowed_jwt_types[0]`,
    /aa-/,
  ],
  [
    'an unknown access mode',
    (text) => `${text}    access: { require: session-token }\n`,
    `${resource}.access.require`,
    /auth-token/,
  ],
  [
    'people of whoever claims to speak for them',
    (text) => granting(text).replace(/ {4}(?:person_server|auth_servers).*\n/g, ''),
    `${resource}.person_server`,
    /whose people are let in/,
  ],
  [
    'person tokens that name nobody as their audience',
    (text) => granting(text).replace(/ {4}issuer.*\n/, ''),
    `${resource}.issuer`,
    /as their aud/,
  ],
  [
    'auth tokens that it cannot ask for',
    (text) => granting(text).replace(/ {4}signing_key.*\n/, ''),
    `${resource}.signing_key`,
    /signs resource tokens/,
  ],
  [
    'auth tokens without the scheme that carries them',
    (text) => granting(text).replace('[jwt]', '[jwks_uri]'),
    `${resource}.allowed_signature_key_schemes`,
    /jwt is needed/,
  ],
  [
    'a person server that is none',
    (text) => granting(text).replace('http://ps.localhost:8765', 'http://ps.example'),
    `${resource}.person_server.issuer`,
    /must use https/,
  ],
  [
    'a default scope that nobody declared',
    (text) => granting(text).replace('scopes: [read]', 'scopes: [write]'),
    `${resource}.default_resource_token_scopes[0]`,
    /"write" is neither/,
  ],
  [
    'two scopes in one name',
    (text) => granting(text).replace('[read, admin]', '["read admin"]'),
    `${resource}.supported_scopes[0]`,
    /a scope name without spaces/,
  ],
  [
    'an authorization endpoint with a fragment',
    (text) => `${granting(text)}    authorization_endpoint: http://agent.localhost:3000/token#a\n`,
    `${resource}.authorization_endpoint_override`,
    /fragment/,
  ],
  ['an unknown algorithm', (text) => text.replace('EdDSA', 'RS256'), `${resource}.signing_key.alg`, /ES256/],
  [
    'two resources with one id',
    (text) => `${text}  - { id: agent, hosts: [b.localhost] }\n`,
    'resources[1].id',
    /another resource/,
  ],
  [
    'two resources with one host',
    (text) => `${text}  - { id: b, hosts: [agent.localhost] }\n`,
    'resources[1].hosts[0]',
    /belongs to "agent"/,
  ],
];

describe('an error names file, key and reason', () => {
  test.each(rows)('%s', (_name, change, key, reason) => {
    const error = failure(() => load(change(valid)));
    expect(error.problems[0]).toMatchObject({ file, key, reason: expect.stringMatching(reason) });
  });

  test('loopback identifiers where they are not admitted', () => {
    const keys = failure(() => load(valid, false)).problems.map(({ key }) => key);
    expect(keys).toEqual([
      `${resource}.issuer`,
      `${resource}.agent_servers[0].issuer`,
      `${resource}.agent_servers[0].jwks_uri`,
    ]);
  });
});
