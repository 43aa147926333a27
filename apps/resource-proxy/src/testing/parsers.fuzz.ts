import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AAuthError } from '@aauth-stack/aauth/errors';
import type { FuzzTargets } from '@aauth-stack/fuzz';
import { publicCard } from '../a2a/agent-card.ts';
import { a2aMethod } from '../a2a/call.ts';
import { overrides } from '../checks/misleading-fields.ts';
import { ConfigFileError } from '../configuration/config-file-error.ts';
import { loadGatewayFile } from '../configuration/gateway-file.ts';
import { loadResourcesFile } from '../configuration/resources-file.ts';
import { readCheckedRequest } from '../ext-authz/checked-request.ts';
import { loadDescriptors, serviceName } from '../ext-authz/protos.ts';
import { decodeCheckRequest } from '../ext-authz/wire/check-request.ts';
import { requestHeaders } from '../gateway/forwarded-headers.ts';
import { parseUnambiguousJson } from '../gateway/unambiguous-json.ts';
import { nameMcpCall } from '../mcp/call-name.ts';
import { filterMessage } from '../mcp/filter-lists.ts';
import { readBody } from '../mcp/messages.ts';
import { compileRule } from '../policy/rules.ts';
import { parseRequestTarget } from '../routing/request-target.ts';

const service = loadDescriptors()[serviceName];
if (!service || typeof service.format === 'string' || !service.Check)
  throw new TypeError(`${serviceName} is no service`);
const { requestSerialize: encode } = service.Check;

const checkRequests = [
  {
    method: 'POST',
    path: '/a?b',
    host: 'a.example',
    headers: { ':authority': 'a.example:3000', 'content-length': '2' },
  },
  { method: 'GET', path: '/', host: '', protocol: 'HTTP/2', query: 'b=c', size: -1, raw_body: Buffer.from('{}') },
  { method: 'GET', path: '/', header_map: { headers: [{ key: 'a', raw_value: Buffer.from('b') }] } },
].map((http) =>
  encode({ attributes: { request: { http } }, context_extensions: { aauth_resource_id: 'a' } }).toString('latin1'),
);

/** Latin1, since a target's text stands for bytes. */
const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const refusing = (read: (text: string) => unknown) => (text: string) => {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof AAuthError) return undefined;
    throw error;
  }
};

const directory = mkdtempSync(join(tmpdir(), 'aauth-fuzz-'));
const file = join(directory, 'config.yaml');

const loading = (load: () => unknown) => (text: string) => {
  writeFileSync(file, text);
  try {
    load();
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    check(String(error).includes(file), 'It does not say which file is wrong.');
  }
};

const gateway = `binds:
  - port: 3000
    listeners:
      - hostname: a.localhost
        routes:
          - name: a
            matches: [{ path: { exact: / }, method: POST }]
            policies:
              extAuthz: { host: "localhost:7070", protocol: { grpc: { context: { aauth_resource_id: '"a"' } } } }
              authorization: { rules: ['extauthz.sub.endsWith("x")'] }
              a2a: {}
              cors: { allowOrigins: ["*"] }
            backends: [{ host: "\${HOST:-localhost}:9999" }]
`;

const resources = `resources:
  - id: a
    issuer: http://a.localhost:3000
    hosts: [a.localhost]
    authority_override: a.localhost:3000
    signing_key: { kid: k, private_key_file: key.pem }
    access: { require: auth-token }
    person_server: { issuer: http://person-server.localhost:8765 }
    supported_scopes: [{ name: "a:b", description: c }]
    default_resource_token_scopes: ["a:b"]
    signature_window: 60s
`;

const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":[1,"b",null]}}}';
const shown = { isSelective: true, mayList: () => false, mayUse: () => false };

/** What clients, other gateways, services behind and operators send. */
export const targets: FuzzTargets = {
  'a check by gRPC': {
    read: refusing((text) => {
      const decoded = decodeCheckRequest(Buffer.from(text, 'latin1'));
      if (!decoded.ok) check(decoded.reason !== '', 'There is no reason.');
      else if (decoded.request.http) readCheckedRequest(decoded.request.http);
    }),
    examples: checkRequests,
  },
  'a request target': {
    read: refusing((text) => {
      const [url = '', host = 'a.localhost'] = text.split('\n');
      const { path, query, authority } = parseRequestTarget(url, ['Host', host]);
      const parsed = new URL(`http://${authority}${path}${query}`);
      check(parsed.pathname === path && !path.includes('//'), 'Another server would read another path.');
      check(/^https?:/i.test(url) || url === path + query, 'It is another text.');
    }),
    examples: ['/a/b.c?d=e&f=%2F\na.localhost:3000', 'http://a.localhost/a%20b\na.localhost', '/\n[::1]:3000'],
  },
  'fields that are passed on': {
    read: (text) => {
      const lines = text.split('\n').flatMap((line): string[] => {
        const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [name, value.trim()];
      });
      const sent = requestHeaders(lines, {
        host: 'a.localhost',
        clientAddress: undefined,
        authority: 'a.localhost',
        stripSignature: true,
        replaceTrace: true,
        replaceEncoding: true,
        contentLength: 0,
        verified: {},
      });
      for (const name of sent.filter((_, index) => index % 2 === 0)) {
        const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
        check(!/^x-aauth(?:-|$)/.test(plain) && !overrides.has(plain), `${name} is passed on.`);
        check(
          !['connection', 'transfer-encoding', 'te', 'upgrade', 'signature'].includes(plain),
          `${name} is passed on.`,
        );
      }
    },
    examples: [
      'X-AAuth-Agent: a\nx_aauth_agent: b\nConnection: close, x-a\nX-A: 1',
      'x-http-method-override:PUT\nte:x',
    ],
  },
  'a body that is decided about': {
    read: (text) => {
      const body = bytesOf(text);
      const value = parseUnambiguousJson(body);
      // Whoever takes the first of two equal members reads the same as whoever takes the last.
      if (value !== undefined) {
        const decoded = new TextDecoder().decode(body);
        check(JSON.stringify(value) === JSON.stringify(JSON.parse(decoded)), 'It is read in two ways.');
      }
      for (const name of [a2aMethod(body), nameMcpCall(body)?.name]) {
        check(name === undefined || /^[\w ./:$-]{1,210}$/.test(name), 'The name is none.');
      }
    },
    examples: [call, '{"jsonrpc":"2.0","method":"message/send","Method":"x"}', '{"a":1,"\\u0061":2}', '[{"a":"\\""}]'],
  },
  'a message to MCP': {
    read: (text) => {
      for (const { item } of readBody(bytesOf(text))?.messages ?? []) {
        check(item === undefined || typeof item.name === 'string', 'The name is none.');
      }
    },
    examples: [
      call,
      `[${call}]`,
      '{"jsonrpc":"2.0","id":"x","method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"a"}}}',
      '{"jsonrpc":"2.0","method":"resources/read","params":{"uri":"a://b"}}',
    ],
  },
  'an answer of an MCP server': {
    read: (text) => {
      try {
        const filtered = filterMessage(text, 'a', shown);
        if (filtered !== undefined) JSON.parse(filtered);
      } catch (error) {
        // What cannot be read is not passed on.
        if (!(error instanceof SyntaxError)) throw error;
      }
    },
    examples: [
      '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}],"resources":[{"uri":"a://b"}]}}',
      '[{"result":7}]',
    ],
  },
  'an agent card': {
    read: (text) => {
      const moved = publicCard(text, 'http://a.localhost:3000');
      if (moved === undefined) return;
      const { url } = Object(JSON.parse(moved));
      const leads = URL.parse(String(url));
      const isOurs = leads?.host === 'a.localhost:3000' || !leads?.protocol.startsWith('http');
      check(isOurs, 'It leads elsewhere.');
    },
    examples: [
      '{"url":"http://localhost:9999/","additionalInterfaces":[{"url":"http://b/"}],"supportedInterfaces":[{}]}',
    ],
  },
  'a gateway config': { isOurs: true, read: loading(() => loadGatewayFile(file, {}, [])), examples: [gateway] },
  'a resources config': {
    isOurs: true,
    read: loading(() => loadResourcesFile(file, {}, { allowLoopback: true })),
    examples: [resources],
  },
  'a rule': {
    isOurs: true,
    read: (text) => {
      const compiled = compileRule(text);
      if (!compiled.ok) check(compiled.reason !== '', 'There is no reason.');
    },
    examples: ['extauthz.sub.endsWith("x") && "a:b" in extauthz.scopes', 'request.headers["a"] == "b" || has(aauth.x)'],
  },
};
