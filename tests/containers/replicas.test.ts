import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { root } from '../support/commands.ts';
import { consentRequest, decide, interactionOf } from '../support/consent.ts';
import { asPerson, takeBackEverything } from '../support/person.ts';
import { until } from '../support/until.ts';
import { compose, containers, docker, evaluated, forget, healthy, up } from './deployment.ts';

const personServer = 'http://localhost:8765';
const replicas = ['person-server', 'person-server-2', 'agent-provider', 'agent-provider-2'];

/** How many requests for a path, given as a pattern, each of the containers has answered. */
async function answered(service: string, path: RegExp): Promise<number> {
  const lines = (await compose(['logs', '--no-log-prefix', service])).split('\n');
  return lines.filter((line) => path.test(/"path":"([^"]*)"/.exec(line)?.[1] ?? '')).length;
}

async function waitingRun(): Promise<{ requestId: string; code: string }> {
  const requestId = await startRun({ prompt: 'perform market analysis' });
  return { requestId, code: (await interactionOf(requestId)).interaction_code };
}

/** The status with which one replica answers the person's approval. */
function decisionAt(service: string, pendingId: string): Promise<number> {
  const headers = { authorization: 'Bearer mytoken', 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ approved: true }) };
  const url = `http://127.0.0.1:8765/consent/${pendingId}/decision`;
  return evaluated(service, `fetch('${url}', ${JSON.stringify(request)}).then(({ status }) => status)`);
}

/** Whether a replica gets requests that this machine sends to the published port. */
async function isAsked(service: string): Promise<boolean> {
  const before = await answered(service, /^\/person\/consents$/);
  for (let request = 0; request < 4; request++) await asPerson('/person/consents');
  return (await answered(service, /^\/person\/consents$/)) > before;
}

describe.skipIf(!inject('engine'))('docker compose --profile scaled up', () => {
  beforeAll(async () => {
    process.env.COMPOSE_PROFILES = 'scaled';
    await up({ AAUTH_MODE: 'user-consent' });
  });
  afterAll(async () => {
    await forget();
    delete process.env.COMPOSE_PROFILES;
  });

  it('runs two of each server', async () => {
    const found = await containers();
    for (const name of replicas) {
      expect(found.find(({ Service }) => Service === name)).toMatchObject({ State: 'running', Health: 'healthy' });
    }
  });

  it.each(['person-server', 'agent-provider'])(
    'has migrated the database of %s once, though two began',
    async (app) => {
      const files = globSync(`apps/${app}/src/db/migrations/*.sql`, { cwd: root }).length;
      const count = 'select count(*), count(distinct hash) from drizzle.__drizzle_migrations';
      const psql = ['psql', '--host=127.0.0.1', '--username=postgres', '--tuples-only', '--no-align'];
      const database = `--dbname=${app.replace('-', '_')}`;
      const counted = await compose(['exec', '--no-TTY', 'postgres', ...psql, database, `--command=${count}`]);
      expect(counted.trim()).toBe(`${files}|${files}`);
    },
  );

  it('has one port and one issuer for both, and each replica gets requests there', async () => {
    for (const _ of replicas) {
      const metadata = await (await fetch(`${personServer}/.well-known/aauth-person.json`)).json();
      expect(metadata).toMatchObject({ issuer: 'http://person-server.localhost:8765' });
    }
    expect([await isAsked('person-server'), await isAsked('person-server-2')]).toEqual([true, true]);
  });

  it('counts a decision once, whichever replica it reaches', async () => {
    await takeBackEverything();
    const { requestId, code } = await waitingRun();
    const opened = await Promise.all([consentRequest(code), consentRequest(code)]);
    const [{ pending_id }] = opened;
    expect(opened.map((request) => request.pending_id)).toEqual([pending_id, pending_id]);
    const decisions = await Promise.allSettled(Array.from({ length: 6 }, () => decide(pending_id, { approved: true })));
    expect(decisions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await endOf(requestId)).status).toBe('completed');
  });

  it('wakes the poll that one replica holds by a decision at the other', async () => {
    const both = ['person-server', 'person-server-2'];
    // Which replica holds the poll is Docker's choice, so each decides until it was the other.
    for (const decider of [...both, ...both.toReversed(), ...both, ...both.toReversed()]) {
      await takeBackEverything();
      const { requestId, code } = await waitingRun();
      const { pending_id } = await consentRequest(code);
      const other = decider === both[0] ? 'person-server-2' : 'person-server';
      const polled = await answered(other, /^\/pending\//);
      const decided = Date.now();
      expect(await decisionAt(decider, pending_id)).toBe(200);
      expect((await endOf(requestId)).status).toBe('completed');
      expect(Date.now() - decided).toBeLessThan(15_000);
      if ((await answered(other, /^\/pending\//)) > polled) return;
    }
    throw new Error('Every poll was held by the replica that decided.');
  });

  it.each(['person-server', 'person-server-2', 'agent-provider', 'agent-provider-2'])(
    'goes on without %s, in the middle of a consent too',
    async (service) => {
      await takeBackEverything();
      const { requestId, code } = await waitingRun();
      const name = (await containers()).find((container) => container.Service === service)?.Name ?? '';
      await docker(['kill', name]);
      const { pending_id } = await until('the question', () => consentRequest(code).catch(() => undefined));
      await decide(pending_id, { approved: true });
      expect((await endOf(requestId)).status).toBe('completed');
      await docker(['start', name]);
      await healthy(service);
    },
  );

  it('is restarted one replica after the other without a failed request', async () => {
    const failed: string[] = [];
    let asked = 0;
    let restarting = true;
    const asking = ['http://localhost:8765/person/consents', 'http://localhost:8766/.well-known/jwks.json'].map(
      async (url) => {
        while (restarting) {
          asked += 1;
          const response = await fetch(url, { headers: { authorization: 'Bearer mytoken' } }).catch(String);
          const outcome = typeof response === 'string' ? response : String(response.status);
          if (outcome !== '200') failed.push(`${url}: ${outcome}`);
          if (typeof response !== 'string') await response.body?.cancel();
        }
      },
    );
    for (const service of replicas) {
      await compose(['restart', service]);
      await healthy(service);
    }
    restarting = false;
    await Promise.all(asking);
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  });

  it('says 503, with when to come back, once no replica is left', async () => {
    await compose(['stop', 'person-server', 'person-server-2']);
    const response = await until('the balancer to notice', async () => {
      const answer = await fetch(`${personServer}/person/consents`);
      return answer.status === 503 && answer;
    });
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 503 });
    await compose(['start', 'person-server', 'person-server-2']);
    await until('a replica to answer', async () => (await fetch(`${personServer}/healthz`)).ok);
  });
});
