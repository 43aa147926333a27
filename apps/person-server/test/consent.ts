import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { expect } from 'vitest';
import type { Deployment } from './deployment.ts';
import type { ResourcePeer } from './resource-peer.ts';
import { type Answer, ask, personToken, type TestAgent } from './test-agent.ts';

type Asker = Pick<TestAgent, 'token' | 'key'>;

/** Asks for a person token, as an agent that can send the person to a page and answer questions. */
export function askForPersonToken(
  deployment: Deployment,
  agent: Asker,
  resource: Pick<ResourcePeer, 'issuer'>,
  more: object = {},
): Promise<Answer> {
  return ask(deployment, agent, '/person-token', {
    resource: resource.issuer,
    capabilities: ['interaction', 'clarification'],
    ...more,
  });
}

/** Asks for an auth token, as an agent that can send the person to a page and answer questions. */
export async function askForAuthToken(
  deployment: Deployment,
  agent: Asker,
  resource: ResourcePeer,
  {
    scope = ['read', 'require:user'],
    presented,
    ...more
  }: { scope?: string[]; presented?: string; [name: string]: unknown } = {},
): Promise<Answer> {
  const shown = presented ?? (await personToken(deployment, agent, resource));
  return ask(deployment, agent, '/auth-token', {
    resource_token: await resource.challenge(shown, { scope }),
    presented_token: shown,
    capabilities: ['interaction', 'clarification'],
    ...more,
  });
}

/** A request that waits for the person. */
export interface Waiting {
  readonly id: string;
  /** Path of its polls. */
  readonly path: string;
  readonly code: string;
}

/** Reads the 202 of a request that waits for the person. */
export function waiting(answer: Answer): Waiting {
  expect([answer.status, answer.body.error]).toEqual([202, undefined]);
  const path = answer.headers.get('location') ?? '';
  const code = /; *code="([^"]*)"/.exec(answer.headers.get('aauth-requirement') ?? '')?.[1] ?? '';
  return { id: path.slice('/pending/'.length), path, code };
}

const senders = new WeakMap<object, typeof fetch>();

/** Sends a signed request to a pending URL. */
export async function atPending(
  deployment: Deployment,
  agent: Asker,
  path: string,
  init: { method?: string; wait?: number; body?: object; signal?: AbortSignal } = {},
): Promise<Answer> {
  const { clock } = deployment;
  const send =
    senders.get(agent) ??
    createSignedFetch({
      fetch: (input, request) => deployment.fetch(input, request),
      credentials: async () => agent,
      now: clock.now,
      sleep: clock.sleep,
    });
  senders.set(agent, send);
  const { method = 'GET', wait, body, signal } = init;
  const response = await send(`${deployment.origin}${path}`, {
    method,
    signal,
    headers: {
      ...(wait !== undefined && { prefer: `wait=${wait}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : Object(JSON.parse(text)) };
}

/** Polls after the time that the last answer asked to wait. */
export function poll(
  deployment: Deployment,
  agent: Asker,
  { path }: Pick<Waiting, 'path'>,
  wait?: number,
): Promise<Answer> {
  deployment.clock.advance(2);
  return atPending(deployment, agent, path, { wait });
}

/** What the person's decision was answered with. */
export async function decide(deployment: Deployment, { id }: Pick<Waiting, 'id'>, decision: object): Promise<Answer> {
  const response = await deployment.asPerson(`/consent/${id}/decision`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(decision),
  });
  return { status: response.status, headers: response.headers, body: Object(await response.json()) };
}

/** Resolves when a poll is held. */
export async function untilHeld(deployment: Deployment, { path }: Pick<Waiting, 'path'>): Promise<void> {
  await expect.poll(() => JSON.stringify(deployment.log.lines()), { interval: 5 }).toContain(`poll of ${path} is held`);
}
