import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { failure } from '../testing/config-failure.ts';
import { loadGatewayFile } from './gateway-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'gateway-file-'));
const file = join(directory, 'config.yaml');

afterAll(() => rmSync(directory, { recursive: true }));

const valid = `
binds:
  - port: 3000
    listeners:
      - hostname: agent.localhost
        routes:
          - name: protected
            matches:
              - path: { exact: / }
                method: POST
            policies:
              extAuthz:
                host: localhost:7070
                protocol: { grpc: { context: { aauth_resource_id: agent } } }
              authorization:
                rules: ['extauthz.level == "identified"']
              cors: { allowOrigins: [http://localhost:3050] }
              timeout: { requestTimeout: 1m30s }
              urlRewrite: { authority: { full: inner.localhost:1 } }
            backends: [{ host: localhost:9999 }]
`;

const agent = { id: 'agent', asksForAuthTokens: true, scopeDescriptions: { read: 'Read', write: 'Write' } };

function load(text: string, environment: Record<string, string> = {}) {
  writeFileSync(file, text);
  return loadGatewayFile(file, environment, [agent, { ...agent, id: 'closed', asksForAuthTokens: false }]);
}

test('a valid file becomes routes', () => {
  const { binds, remarks } = load(valid);
  expect(remarks).toEqual([]);
  expect(binds).toMatchObject([
    {
      port: 3000,
      listeners: [
        {
          hostname: 'agent.localhost',
          routes: [
            {
              name: 'protected',
              matches: [{ path: { exact: '/' }, method: 'POST' }],
              protection: { resourceId: 'agent', rules: [{ expression: 'extauthz.level == "identified"' }] },
              a2a: false,
              timeout: 90,
              authority: 'inner.localhost:1',
              backend: 'localhost:9999',
            },
          ],
        },
      ],
    },
  ]);
});

test('a route may require scopes, as one text with spaces', () => {
  const text = valid.replace(
    'aauth_resource_id: agent',
    'aauth_resource_id: agent, aauth_required_scopes: read  write',
  );
  expect(load(text).binds[0]?.listeners[0]?.routes[0]?.protection?.requiredScopes).toEqual(['read', 'write']);
  expect(load(valid).binds[0]?.listeners[0]?.routes[0]?.protection?.requiredScopes).toEqual([]);
});

test('a route without matches has the prefix /, and one that is open says so', () => {
  const text = valid
    .replace(/ {12}matches:[\s\S]*?POST\n/, '')
    .replace(/ {12}policies:[\s\S]*inner.localhost:1 } }\n/, '');
  const { binds, remarks } = load(text);
  expect(binds[0]?.listeners[0]?.routes[0]).toMatchObject({
    matches: [{ path: { prefix: '/' }, method: undefined }],
    protection: undefined,
  });
  expect(remarks).toEqual([`${file}: route protected of agent.localhost forwards every path without verification`]);
});

test('keys of the published schema without effect are said to be ignored', () => {
  const text = `config: { tracing: { otlpEndpoint: x } }\n${valid.replace('              cors:', '              backendAuth: { passthrough: {} }\n              cors:')}`;
  expect(load(text).remarks).toEqual([
    expect.stringContaining('config: has no effect here'),
    expect.stringContaining('policies.backendAuth has no effect here'),
  ]);
});

test('variables are expanded', () => {
  const text = valid
    .replace('port: 3000', `port: \${PORT:-3000}`)
    .replace('localhost:9999', `'\${AGENT:-localhost}:9999'`);
  expect(load(text).binds[0]).toMatchObject({ port: 3000, listeners: [{ routes: [{ backend: 'localhost:9999' }] }] });
  expect(load(text, { PORT: '4000', AGENT: 'a' }).binds[0]).toMatchObject({
    port: 4000,
    listeners: [{ routes: [{ backend: 'a:9999' }] }],
  });
});

const route = 'binds[0].listeners[0].routes[0]';
const target = '{ name: a, mcp: { host: "http://localhost:1/mcp" } }';

const rows: [name: string, change: (text: string) => string, key: string, reason: RegExp][] = [
  ['not YAML', () => 'binds: [', '', /not valid YAML/],
  ['a repeated key', (text) => `${text}binds: []\n`, '', /not valid YAML: Map keys must be unique/],
  ['nothing', () => '', '', /expected object/],
  ['no binds', () => 'binds: []', 'binds', /./],
  ['a port that is none', (text) => text.replace('3000', '70000'), 'binds[0].port', /from 0 to 65535/],
  ['a port that is a word', (text) => text.replace('3000', 'http'), 'binds[0].port', /a port number is expected/],
  ['an unset variable', (text) => text.replace('3000', `\${NOWHERE}`), 'binds[0].port', /NOWHERE is not set/],
  [
    'a host name with a port',
    (text) => text.replace('agent.localhost', 'agent.localhost:3000'),
    'binds[0].listeners[0].hostname',
    /without port/,
  ],
  [
    'an unknown key',
    (text) => text.replace('matches:', 'match:'),
    route,
    /unknown key "match"; did you mean "matches"\?/,
  ],
  [
    'a policy that is not implemented',
    (text) => text.replace('timeout:', 'jwtAuth: {}\n              timeout:'),
    `${route}.policies`,
    /unknown key "jwtAuth"; known here: extAuthz,/,
  ],
  [
    'a lower-case method',
    (text) => text.replace('method: POST', 'method: post'),
    `${route}.matches[0].method`,
    /upper case/,
  ],
  [
    'a path without slash',
    (text) => text.replace('exact: /', 'exact: a'),
    `${route}.matches[0].path.exact`,
    /starts with \//,
  ],
  [
    'two kinds of path',
    (text) => text.replace('exact: /', 'exact: /, pathPrefix: /'),
    `${route}.matches[0].path`,
    /one of exact and pathPrefix/,
  ],
  [
    'a regular expression',
    (text) => text.replace('exact: /', 'regex: /'),
    `${route}.matches[0].path`,
    /unknown key "regex"/,
  ],
  [
    'an unknown resource',
    (text) => text.replace('aauth_resource_id: agent', 'aauth_resource_id: agnt'),
    `${route}.policies.extAuthz.protocol.grpc.context.aauth_resource_id`,
    /no resource has the id "agnt"; there are: agent, closed/,
  ],
  [
    'a required scope that the resource does not have',
    (text) => text.replace('aauth_resource_id: agent', 'aauth_resource_id: agent, aauth_required_scopes: read admin'),
    `${route}.policies.extAuthz.protocol.grpc.context.aauth_required_scopes`,
    /the resource "agent" has no scope "admin"; there are: read, write/,
  ],
  [
    'a required scope of a resource that cannot ask for it',
    (text) => text.replace('aauth_resource_id: agent', 'aauth_resource_id: closed, aauth_required_scopes: read'),
    `${route}.policies.extAuthz.protocol.grpc.context.aauth_required_scopes`,
    /the resource "closed" cannot ask for them/,
  ],
  [
    'a rule that is no CEL',
    (text) => text.replace('level ==', 'level =='.repeat(2)),
    `${route}.policies.authorization.rules[0]`,
    /not a CEL rule/,
  ],
  [
    'a rule on unknown facts',
    (text) => text.replace('extauthz.level', 'jwt.sub'),
    `${route}.policies.authorization.rules[0]`,
    /unknown jwt/,
  ],
  [
    'no rules',
    (text) => text.replace(/rules: .*/, 'rules: []'),
    `${route}.policies.authorization.rules`,
    /at least one rule/,
  ],
  [
    'rules without verification',
    (text) => text.replace(/ {14}extAuthz:[\s\S]*?} } }\n/, ''),
    `${route}.policies.authorization`,
    /add extAuthz/,
  ],
  [
    'an mcp backend without targets',
    (text) => text.replace('{ host: localhost:9999 }', '{ mcp: { targets: [] } }'),
    `${route}.backends[0].mcp.targets`,
    /Too small/,
  ],
  [
    'a host and an mcp backend',
    (text) =>
      text.replace('{ host: localhost:9999 }', '{ host: a:1, mcp: { targets: [{ name: a, mcp: { host: a:1 } }] } }'),
    `${route}.backends[0]`,
    /one of host and mcp/,
  ],
  [
    'two targets of one name',
    (text) => text.replace('{ host: localhost:9999 }', `{ mcp: { targets: [${target}, ${target}] } }`),
    `${route}.backends[0].mcp.targets[1].name`,
    /there is a target "a" already/,
  ],
  [
    'a target whose name has what ends it',
    (text) =>
      text.replace('{ host: localhost:9999 }', `{ mcp: { targets: [${target.replace('name: a', 'name: a_b')}] } }`),
    `${route}.backends[0].mcp.targets[0].name`,
    /_ ends it/,
  ],
  [
    'a target that is nothing',
    (text) => text.replace('{ host: localhost:9999 }', '{ mcp: { targets: [{ name: a }] } }'),
    `${route}.backends[0].mcp.targets[0]`,
    /one of stdio and mcp/,
  ],
  [
    'a target that is reached over TLS',
    (text) => text.replace('{ host: localhost:9999 }', `{ mcp: { targets: [${target.replace('http:', 'https:')}] } }`),
    `${route}.backends[0].mcp.targets[0].mcp`,
    /neither a URL such as http/,
  ],
  [
    'rules about tools where there are none',
    (text) => text.replace('cors: {', 'mcpAuthorization: { rules: [\'mcp.tool.name == "a"\'] }\n              cors: {'),
    `${route}.policies.mcpAuthorization`,
    /only an mcp backend has tools/,
  ],
  [
    'a rule about tools that sees what such rules do not',
    (text) =>
      text
        .replace('{ host: localhost:9999 }', `{ mcp: { targets: [${target}] } }`)
        .replace('cors: {', 'mcpAuthorization: { rules: [\'a2a.method == "a"\'] }\n              cors: {'),
    `${route}.policies.mcpAuthorization.rules[0]`,
    /unknown a2a; rules see extauthz, aauth, request, mcp/,
  ],
  [
    'two backends',
    (text) => text.replace('{ host: localhost:9999 }', '{ host: a:1 }, { host: b:1 }'),
    `${route}.backends`,
    /exactly one/,
  ],
  [
    'a backend without port',
    (text) => text.replace('localhost:9999', 'localhost'),
    `${route}.backends[0].host`,
    /host:port/,
  ],
  [
    'a duration without unit',
    (text) => text.replace('1m30s', '90'),
    `${route}.policies.timeout.requestTimeout`,
    /a duration such as 60s/,
  ],
  [
    'credentials for everybody',
    (text) => text.replace('[http://localhost:3050]', "['*'], allowCredentials: true"),
    `${route}.policies.cors`,
    /list the origins/,
  ],
  [
    'two listeners of one name',
    (text) => `${text}      - hostname: agent.localhost\n        routes: [{ backends: [{ host: a:1 }] }]\n`,
    'binds[0].listeners[1].hostname',
    /has a listener already/,
  ],
];

describe('an error names file, line, key and reason', () => {
  test.each(rows)('%s', (_name, change, key, reason) => {
    const error = failure(() => load(change(valid)));
    expect(error.problems[0]).toMatchObject({ file, key, reason: expect.stringMatching(reason) });
    expect(error.message).toMatch(new RegExp(`^${file}(:\\d+)?: `));
  });

  test('every problem is reported, with its line', () => {
    const error = failure(() => load(valid.replace('3000', 'http').replace('localhost:9999', 'localhost')));
    expect(error.message.split('\n')).toEqual([
      `${file}:3: binds[0].port: a port number is expected`,
      expect.stringMatching(
        new RegExp(`^${file}:20: binds\\[0\\]\\.listeners\\[0\\]\\.routes\\[0\\]\\.backends\\[0\\]\\.host: `),
      ),
    ]);
  });

  test('a file that is not there', () => {
    expect(() => loadGatewayFile(join(directory, 'absent.yaml'), {}, [])).toThrow(
      `${join(directory, 'absent.yaml')}: there is no such file`,
    );
  });
});
