import { AAuthError } from '@aauth-stack/aauth/errors';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { FuzzTargets } from '@aauth-stack/fuzz';
import { type Context, Hono } from 'hono';
import { registrationSchema } from '../src/agent-providers/wire.ts';
import { parseAnswer } from '../src/clarification/answer-body.ts';
import { parseDecision } from '../src/consent/decision-body.ts';
import type { Environment } from '../src/environment.ts';
import { readPageRequest } from '../src/paging.ts';
import { describeResource } from '../src/resources/description.ts';
import {
  authTokenSchema,
  parseParameters,
  peekUpstreamToken,
  personTokenSchema,
  tokenRequestOf,
} from '../src/token-requests/parameters.ts';

const identifiers = { allowLoopback: false };

/** Reads the body of a request as a route does. */
function reading(read: (c: Context<Environment>) => unknown) {
  const app = new Hono<Environment>();
  app.post('/', async (c) => {
    c.set('verifiedBody', new Uint8Array(await c.req.raw.clone().arrayBuffer()));
    await read(c);
    return c.body(null);
  });
  app.onError((error, c) => {
    if (error instanceof AAuthError) return c.body(null, 400);
    throw error;
  });
  return async (text: string) => {
    const headers = { 'content-type': 'application/json' };
    await app.request('/', { method: 'POST', headers, body: Uint8Array.from(Buffer.from(text, 'latin1')) });
  };
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const common =
  '"justification":"why","login_hint":"a","prompt":"login consent","platform":"web","device":"b","capabilities":["interaction"]';

/** What agents, resources, agent providers and the person's page send. */
export const targets: FuzzTargets = {
  'a request for a person token': {
    read: reading((c) => {
      const parameters = parseParameters(c, personTokenSchema);
      tokenRequestOf(parameters);
      peekUpstreamToken(c.get('verifiedBody'));
    }),
    examples: [
      `{"resource":"https://rs.example","mission_s256":"${'A'.repeat(43)}","upstream_token":"a.b.c",${common}}`,
    ],
  },
  'a request for an auth token': {
    read: reading((c) => tokenRequestOf(parseParameters(c, authTokenSchema))),
    examples: [`{"resource_token":"a.b.c","presented_token":"d.e.f","subagent_token":"g",${common}}`],
  },
  'an answer of an agent': {
    read: reading(parseAnswer),
    examples: [
      '{"action":"clarification_response","clarification_response":"because"}',
      '{"action":"updated_request","resource_token":"a.b.c","presented_token":"d.e.f","justification":"why"}',
    ],
  },
  'a decision': {
    read: reading(parseDecision),
    examples: ['{"approved":true,"scopes":["a"],"remember":true}', '{"clarification_question":"why?"}'],
  },
  'a page of a list': {
    read: async (text) => {
      const app = new Hono<Environment>();
      app.get('/', (c) => {
        const { before } = readPageRequest(c, 50);
        const year = before?.at.getUTCFullYear() ?? 2000;
        if (year < 1 || year > 9999) throw new Error(`PostgreSQL knows no year ${year}.`);
        return c.body(null);
      });
      app.onError((error, c) => {
        if (error instanceof AAuthError) return c.body(null, 400);
        throw error;
      });
      const [at = '', limit = ''] = text.split('\n');
      const before = Buffer.from(at).toString('base64url');
      await app.request(`/?${new URLSearchParams({ before, limit })}`);
    },
    examples: ['2026-01-01T00:00:00.000Z 0198e5d6\n50', '0000-01-01T00:00:00Z a\n1'],
  },
  'a registration': {
    read: (text) => {
      const { data } = registrationSchema.safeParse(parseJson(text));
      if (data && Number.isNaN(Date.parse(data.expires_at))) throw new Error('It is no time.');
    },
    examples: [
      '{"id":"a","agent_name":"b","stable_jkt":"c","ps":null,"created_at":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:10:00+01:00","status":"pending"}',
    ],
  },
  'the metadata of a resource': {
    read: (text) => {
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      const { documentation_uri: page } = describeResource(
        { ...value, issuer: parseServerIdentifier('https://rs.example', identifiers) },
        identifiers,
      );
      if (page !== null && !page.trim().toLowerCase().startsWith('https:')) throw new Error(`It is no page: ${page}`);
    },
    examples: [
      '{"name":"A","description":"**b**","access_mode":"auth-token","documentation_uri":"https://a.example/","scope_descriptions":{"a:b":"c"}}',
    ],
  },
};
