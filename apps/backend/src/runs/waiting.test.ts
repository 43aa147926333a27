import type { AgentEvent } from '@aauth-stack/aauth/agent';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { expect, it } from 'vitest';
import { workOfRun } from './waiting.ts';

const identifiers = { allowLoopback: true };
const server = parseServerIdentifier('http://person-server.localhost:8765', identifiers);
const resource = parseServerIdentifier('http://supply-chain-agent.localhost:3000', identifiers);
const about = { resource, method: 'POST', url: `${resource}/`, awaiting: 'auth-token', server } as const;

/** The events of a run, and what becomes of them. */
function setUp() {
  const told: string[] = [];
  const tell = (name: string) => () => told.push(name);
  const { onEvent } = workOfRun({
    requestId: '7',
    message: 'Count the laptops.',
    patience: { signal: new AbortController().signal, pause: tell('pause'), resume: tell('resume') },
    progress: {
      tell: tell('tell'),
      askPerson: ({ code }) => told.push(`ask ${code}`),
      awaitApproval: (at, link) => told.push(`approval at ${at}, given at ${link?.url}`),
      noteAnswer: tell('answer'),
      goOn: tell('go on'),
      written: async () => {},
    },
    identifiers,
    authCallback: new URL('http://localhost:8000/auth-callback'),
    portalOf: (at) => (at === server ? `${server}/ui` : undefined),
  });
  const deferred = (requirement?: string, parameters: Record<string, string> = {}): AgentEvent => ({
    type: 'deferred',
    ...about,
    pending: {
      location: new URL('/pending/1', server),
      status: 'pending',
      retryAfter: 2,
      expiresAt: undefined,
      body: {},
      requirement: requirement === undefined ? undefined : { requirement, parameters },
    },
  });
  return { told, deferred, send: (event: AgentEvent) => onEvent?.(event) };
}

it('W10: the time of the agents stands still while somebody else is waited for', () => {
  const { told, deferred, send } = setUp();
  send(deferred('interaction', { url: `${server}/ui/consent`, code: 'A1B2-C3D4' }));
  send({ type: 'settled', ...about });
  expect(told).toEqual(['pause', 'ask A1B2-C3D4', 'resume', 'go on']);
});

it('a question of the person leaves their link where it is', () => {
  const { told, deferred, send } = setUp();
  send(deferred('interaction', { url: `${server}/ui/consent`, code: 'A1B2-C3D4' }));
  send(deferred('clarification'));
  const reply = { action: 'answer', answer: 'To count.' } as const;
  send({ type: 'clarified', ...about, question: 'Why?', reply, status: 202 });
  expect(told.filter((name) => name !== 'pause')).toEqual(['ask A1B2-C3D4', 'answer']);
});

it('an approval has no link, and a call that is only held needs nobody', () => {
  const { told, deferred, send } = setUp();
  send(deferred('approval'));
  send(deferred());
  expect(told.filter((name) => name !== 'pause')).toEqual([`approval at ${server}, given at ${server}/ui`, 'go on']);
});

it('other events change nothing', () => {
  const { told, send } = setUp();
  send({ type: 'presented', ...about, tokenType: 'aa-auth+jwt', attempt: 1 });
  expect(told).toEqual([]);
});
