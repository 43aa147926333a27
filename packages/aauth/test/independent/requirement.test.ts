import {
  type AgentProvider,
  type Challenge,
  type PersonServer,
  type Resource,
  readRequirement,
  startAgentProvider,
  startPersonServer,
  startResource,
} from '@aauth-stack/by-hand';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatRequirement, type RequirementInit } from '../../src/requirement.ts';
import { createOurAgent } from './our-agent.ts';

let personServer: PersonServer;
let provider: AgentProvider;
let resource: Resource;

beforeAll(async () => {
  personServer = await startPersonServer();
  provider = await startAgentProvider({ personServer: personServer.issuer });
  resource = await startResource({ access: 'auth-token', metadata: { access_mode: undefined } });
  return () => Promise.all([resource, provider, personServer].map((party) => party.close()));
});

describe('a requirement made by hand, sent to our agent', () => {
  async function call() {
    const agent = createOurAgent(provider, personServer.issuer);
    const { status } = await agent.fetch(`${resource.origin}/stock`);
    return { status, path: resource.received.at(-1)?.path, events: agent.events.map(({ type }) => type) };
  }

  function challengeWith(changes: Partial<Challenge>): void {
    const usual = { ...resource.challenge };
    Object.assign(resource.challenge, changes);
    onTestFinished(() => {
      Object.assign(resource.challenge, usual);
    });
  }

  /** Changes how an auth token is required; a person token is required as ever. */
  const requireWith = (authTokenRequirement: (token: string) => string) => {
    const { header } = resource.challenge;
    challengeWith({
      header: (requirement, token) =>
        requirement === 'auth-token' ? authTokenRequirement(token) : header(requirement, token),
    });
  };

  test('leads it from its agent token over a person token to an auth token', async () => {
    const { status, events } = await call();
    expect(status).toBe(200);
    expect(events).toEqual([
      'metadata-read',
      'presented',
      'challenged',
      'person-token-requested',
      'person-token-received',
      'retried',
      'presented',
      'challenged',
      'exchange-requested',
      'exchange-received',
      'retried',
      'presented',
    ]);
    expect(resource.served.at(-1)?.token.header.typ).toBe('aa-auth+jwt');
  });

  const forms: [string, (token: string) => string][] = [
    ['white space', (token) => `requirement=auth-token;   resource-token="${token}"`],
    ['parameters that it does not know', (token) => `requirement=auth-token;a;b=1;resource-token="${token}";c="d;e,f"`],
    [
      'a member that it does not know',
      (token) => `note="requirement=x", requirement=auth-token;resource-token="${token}"`,
    ],
  ];
  test.each(forms)('may have %s', async (_, form) => {
    requireWith(form);
    expect((await call()).status).toBe(200);
  });

  test('may come with 202: the agent polls with the auth token', async () => {
    challengeWith({ status: 202 });
    const { status, path } = await call();
    expect({ status, path }).toEqual({ status: 200, path: '/held/1' });
    expect(resource.served.at(-1)?.token.header.typ).toBe('aa-auth+jwt');
  });

  const unmet: [string, (token: string) => string, string][] = [
    ['is unknown', () => 'requirement=payment-token', 'unsupported_requirement'],
    ['has no resource token', () => 'requirement=auth-token', 'invalid_response'],
    [
      'has the resource token in a member of its own',
      (token) => `requirement=auth-token, resource-token="${token}"`,
      'invalid_response',
    ],
    ['has a token that is none', () => 'requirement=auth-token;resource-token="token"', 'invalid_resource_token'],
  ];
  test.each(unmet)('is an error that the agent tells when it %s', async (_, form, code) => {
    requireWith(form);
    await expectNoExchange(() => expect(call()).rejects.toMatchObject({ name: 'PeerError', code }));
  });

  const malformed: [string, (token: string) => string][] = [
    ['is empty', () => ''],
    ['is a String', (token) => `requirement="auth-token";resource-token="${token}"`],
    ['has the resource token as a Token', (token) => `requirement=auth-token;resource-token=${token}`],
    ['is there twice', (token) => `requirement=auth-token;resource-token="${token}", requirement=auth-token`],
    ['has a parameter twice', (token) => `requirement=auth-token;resource-token="${token}";resource-token="${token}"`],
    ['has an upper-case key', (token) => `Requirement=auth-token;resource-token="${token}"`],
    ['does not end', (token) => `requirement=auth-token;resource-token="${token}`],
  ];
  test.each(malformed)('counts as absent when it %s: the refusal stands', async (_, form) => {
    requireWith(form);
    await expectNoExchange(async () => expect((await call()).status).toBe(401));
  });

  test('leads nowhere with one bit of any byte flipped', async () => {
    const length = 'requirement=auth-token;resource-token="'.length;
    for (let at = 0; at < length; at += 1) {
      requireWith((token) => {
        const bytes = Buffer.from(`requirement=auth-token;resource-token="${token}"`);
        bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
        return bytes.toString('latin1');
      });
      await expectNoExchange(() => call().catch(() => undefined));
    }
  });

  async function expectNoExchange(run: () => Promise<unknown>): Promise<void> {
    const [served, exchanges] = [resource.served.length, personServer.requests.filter(isExchange).length];
    await run();
    expect(resource.served).toHaveLength(served);
    expect(personServer.requests.filter(isExchange)).toHaveLength(exchanges);
  }
  const isExchange = ({ endpoint }: { endpoint: string }) => endpoint === 'auth-token';
});

test.each<[RequirementInit, string]>([
  [{ requirement: 'agent-token' }, 'requirement=agent-token'],
  [{ requirement: 'person-token' }, 'requirement=person-token'],
  [
    { requirement: 'auth-token', parameters: { 'resource-token': 'a.b.c' } },
    'requirement=auth-token;resource-token="a.b.c"',
  ],
  [
    { requirement: 'interaction', parameters: { url: 'https://ps.example/go;x', code: 'ABCD-"1' } },
    'requirement=interaction;url="https://ps.example/go;x";code="ABCD-\\"1"',
  ],
  [{ requirement: 'approval' }, 'requirement=approval'],
  [{ requirement: 'clarification' }, 'requirement=clarification'],
  [{ requirement: 'claims' }, 'requirement=claims'],
])('a requirement of ours is what httpsig reads: %j', (init, header) => {
  expect(formatRequirement(init)).toBe(header);
  expect(readRequirement(header)).toEqual({ parameters: {}, ...init });
});
