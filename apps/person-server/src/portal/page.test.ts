import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startAgentProviderPeer } from '../../test/agent-provider-peer.ts';
import { type BrowserSession, signIn } from '../../test/browser-session.ts';
import { type Deployment, startDeployment } from '../../test/deployment.ts';
import { type ResourcePeer, startResourcePeer } from '../../test/resource-peer.ts';
import { approvedAgent, ask, authToken, jtiOf, personToken, type TestAgent } from '../../test/test-agent.ts';
import { identifier, saidName } from './views/elements.ts';

let deployment: Deployment;
let session: BrowserSession;

beforeAll(async () => {
  deployment = await startDeployment({ replicas: 2 });
});
afterAll(() => deployment.stop());
beforeEach(async () => {
  deployment.useReplica(0);
  session = await signIn(deployment);
});

const pageText = async () => (await session.get('/ui')).text();

describe('GET /ui', () => {
  test('without a session shows the sign-in and nothing of the agents', async () => {
    await deployment.peer.enrol('Secret Agent');
    const response = await deployment.request('/ui');
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('action="/ui/sign-in"');
    expect(text).not.toContain('Secret Agent');
    const withBearer = await (await deployment.asPerson('/ui')).text();
    expect(withBearer).not.toContain('Secret Agent');
  });

  test('lets a browser run nothing, load nothing and be framed by nobody but ourselves', async () => {
    for (const response of [await deployment.request('/ui'), await session.get('/ui'), await session.get('/ui/none')]) {
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('referrer-policy')).toBe('same-origin');
      expect(response.headers.get('strict-transport-security')).toBeNull();
    }
    expect((await session.get('/ui')).headers.get('cache-control')).toBe('no-store');
    const text = await pageText();
    expect(text).not.toMatch(/<script(?! src="\/ui\/assets\/portal-[0-9a-f]{12}\.js" defer>)/);
    expect(text).not.toMatch(/ style=| on\w+=|<style/);
  });

  test('serves its own style sheet, script and icon, named by their content, and nothing else from there', async () => {
    const text = await pageText();
    const files = text.match(/\/ui\/assets\/[\w.-]+/g) ?? [];
    expect(files).toHaveLength(3);
    for (const file of files) {
      const response = await deployment.request(file);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-type')).toMatch(/^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/);
    }
    expect((await deployment.request('/ui/assets/..%2froutes.ts')).status).toBe(404);
  });

  test('under another name of this machine leads to the configured origin', async () => {
    for (const path of ['/ui', '/ui?x=//evil.example']) {
      const response = await deployment.request(path, { headers: { host: `127.0.0.1:${deployment.port}` } });
      expect([response.status, response.headers.get('location')]).toEqual([200, null]);
    }
    const response = await fetch(`http://127.0.0.1:${deployment.port}/ui?next=https://evil.example`, {
      redirect: 'manual',
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`${deployment.origin}/ui`);
    for (const path of ['/', '/ui/', '/ui/sign-in']) {
      expect((await deployment.request(path)).headers.get('location')).toBe('/ui');
    }
  });
});

describe('the page', () => {
  test('shows who waits, and approves and denies with plain forms', async () => {
    const wanted = await deployment.peer.enrol('Wanted Agent');
    const unwanted = await deployment.peer.enrol('Unwanted Agent');
    const before = await pageText();
    expect(before).toContain('Wanted Agent');
    expect(before.replace(/<span class="middle">|<\/span>/g, '')).toContain(wanted.stable_jkt.split(':').at(-1));
    expect(before).toContain('in 59 min');

    const approved = await session.post(`/ui/registrations/${wanted.id}/approve`);
    expect(approved.status).toBe(303);
    expect(approved.headers.get('location')).toMatch(/^\/ui\?decision=[0-9a-f-]{36}$/);
    const after = await (await session.get(approved.headers.get('location') ?? '')).text();
    expect(after).toContain('Approved <q class="said"><bdi>Wanted Agent</bdi></q>');
    expect(after).toContain('aria-labelledby="active"');

    deployment.useReplica(1);
    const denied = await session.post(`/ui/registrations/${unwanted.id}/deny`);
    expect(await (await session.get(denied.headers.get('location') ?? '')).text()).toContain('Denied <q');
    expect(deployment.peer.registrations.find(({ id }) => id === unwanted.id)?.status).toBe('denied');
  });

  test('revokes, after saying what will happen', async () => {
    const { id } = await deployment.peer.enrol('Retired Agent');
    await session.post(`/ui/registrations/${id}/approve`);
    const binding = deployment.peer.bindings.find(({ agent_name }) => agent_name === 'Retired Agent');
    expect(await pageText()).toContain('its next request is refused at once');
    const revoked = await session.post(`/ui/agents/${encodeURIComponent(binding?.agent_id ?? '')}/revoke`);
    expect(revoked.status).toBe(303);
    expect(binding?.revoked).toBe(true);
    expect(await pageText()).toContain('Revoked agents');
  });

  test.each([
    ['no session', () => ({ headers: { cookie: '' } }), 401, 'session_required'],
    ['another origin', () => ({ origin: 'https://evil.example' }), 403, 'wrong_origin'],
    ['no token of the form', () => ({ csrfToken: '' }), 403, 'csrf_token_required'],
  ])('refuses a form with %s, as a page', async (_, alteration, status, code) => {
    const { id } = await deployment.peer.enrol('Contested Agent');
    const response = await session.post(`/ui/registrations/${id}/approve`, alteration());
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain(`<code>${code}</code>`);
    expect(deployment.peer.registrations.find((registration) => registration.id === id)?.status).toBe('pending');
    expect((await session.post(`/ui/registrations/${id}/approve`)).status).toBe(303);
  });

  test('tells of a decision that came too late', async () => {
    const { id } = await deployment.peer.enrol('Decided Agent');
    await deployment.asPerson(`/person/registrations/${id}/deny`, { method: 'POST' });
    const response = await session.post(`/ui/registrations/${id}/approve`);
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('This enrolment is denied.');
  });

  test('says that the Agent Provider does not answer, and shows it all again when it does', async () => {
    const { id } = await deployment.peer.enrol('Hidden Agent');
    await deployment.peer.goAway();
    const response = await session.get('/ui');
    expect(response.status).toBe(503);
    const text = await response.text();
    expect(text).toContain(`The Agent Provider at ${deployment.peer.issuer} is not answering.`);
    expect(text).toContain('Sign out');
    expect((await session.post(`/ui/registrations/${id}/approve`)).status).toBe(503);
    await deployment.peer.comeBack();
    expect(await pageText()).toContain('Hidden Agent');
  });

  test('shows only decisions that exist, and only the person’s', async () => {
    for (const id of ['x', '<script>', crypto.randomUUID(), `${crypto.randomUUID()}' or 1=1`]) {
      const response = await session.get(`/ui?decision=${encodeURIComponent(id)}`);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toContain('class="notice consent"');
    }
  });
});

describe('tokens, the policy and providers', () => {
  let resource: ResourcePeer;
  let agent: TestAgent;

  beforeAll(async () => {
    resource = await startResourcePeer(deployment.clock);
    await deployment.restart({ AAUTH_CONSENT_POLICY: 'standing' });
    agent = await approvedAgent(deployment, 'Shopping Agent');
  });
  afterAll(() => resource.stop());
  const shown = async () => (await pageText()).replace(/<span class="middle">|<\/span>/g, '');
  const rowOf = (text: string, jti: string) =>
    new RegExp(`<tr data-token="${jti}">.*?</tr>`, 's').exec(text)?.[0] ?? '';

  test('shows what agents hold, and takes one token back with a plain form', async () => {
    expect(await shown()).toContain('No agent holds a token of yours.');
    const presented = await personToken(deployment, agent, resource);
    const granted = await authToken(deployment, agent, resource, presented);
    const before = await shown();
    expect(before).toContain('Tokens your agents hold <span class="count">2');
    expect(rowOf(before, jtiOf(presented))).toContain('Person token');
    const row = rowOf(before, jtiOf(granted));
    for (const text of ['Auth token', '<code class="scope">read</code>', resource.issuer, agent.id, 'in 59 min']) {
      expect(row).toContain(text);
    }
    deployment.useReplica(1);
    const response = await session.post(`/ui/tokens/${jtiOf(granted)}/revoke`);
    expect(response.status).toBe(303);
    const after = await (await session.get(response.headers.get('location') ?? '')).text();
    expect(after).toContain(`Revoked a token for <q class="said"><bdi>${resource.issuer}</bdi></q>`);
    expect(after).toContain('Tokens your agents hold <span class="count">1');
    expect(rowOf(after, jtiOf(granted))).toContain('The resource refuses it.');
    expect(rowOf(after, jtiOf(granted))).not.toContain('<form');
    expect(resource.revoked.map(({ jti }) => jti)).toEqual([jtiOf(granted)]);
    expect((await session.post(`/ui/tokens/${jtiOf(granted)}/revoke`)).status).toBe(409);
  });

  test('shows what was decided in the person’s name, why, and what the agent said as the agent’s word', async () => {
    const justification = '</q><script>alert(1)</script>';
    const presented = await personToken(deployment, agent, resource, { justification });
    const wanted = await resource.challenge(presented, { scope: ['read', 'require:user'] });
    const body = { resource_token: wanted, presented_token: presented };
    expect((await ask(deployment, agent, '/auth-token', body)).status).toBe(403);
    const text = await shown();
    expect(text).toContain('Agents that you approved act for you without asking');
    expect(text).toContain('A scope among those wanted is granted by the person alone.');
    expect(text).toContain('The standing policy lets approved agents act.');
    expect(text).toContain('The agent says</p><q class="said"><bdi>&lt;/q&gt;&lt;script&gt;');
    expect(text).not.toContain('<script>alert');
  });

  test('adds and removes providers that are trusted', async () => {
    const foreign = await startAgentProviderPeer(deployment.clock);
    expect(await shown()).toContain('Trusted agent providers <span class="count">1');
    const fields = { issuer: ` ${foreign.issuer} `, display_name: '<b>Partner</b>' };
    const added = await session.post('/ui/agent-providers/trust', { fields });
    expect(added.status).toBe(303);
    const after = await (await session.get(added.headers.get('location') ?? '')).text();
    expect(after).toContain('You now trust <q class="said"><bdi>&lt;b&gt;Partner&lt;/b&gt;</bdi></q>');
    expect(after).toContain(`data-provider="${foreign.issuer}"`);
    const removed = await session.post('/ui/agent-providers/distrust', { fields: { issuer: foreign.issuer } });
    expect(removed.status).toBe(303);
    expect(await shown()).not.toContain(`data-provider="${foreign.issuer}"`);
    await foreign.stop();
  });

  test.each([
    ['/ui/agent-providers/trust', 'an address that is none', { issuer: 'javascript:alert(1)' }, 400],
    ['/ui/agent-providers/trust', 'no address', {}, 400],
    ['/ui/agent-providers/trust', 'an address where nobody is', { issuer: 'http://nobody.localhost:1' }, 503],
    ['/ui/agent-providers/distrust', 'a provider that was not added', { issuer: 'https://ap.example' }, 404],
  ])('%s with %s is refused as a page', async (path, _, fields, status) => {
    const response = await session.post(path, { fields });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect((await session.post(path, { fields, csrfToken: '' })).status).toBe(403);
    expect((await session.post(path, { fields, origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('hostile input', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</bdi></q></blockquote><form action="https://evil.example">',
    '<!-- &lt;b&gt; -->',
  ];

  test.each(hostile)('an agent called %s is text everywhere', async (name) => {
    const { id } = await deployment.peer.enrol(name);
    const pages = [await pageText()];
    const approved = await session.post(`/ui/registrations/${id}/approve`);
    pages.push(await (await session.get(approved.headers.get('location') ?? '')).text());
    for (const page of pages) {
      expect(page).not.toContain(name);
      expect(page).not.toMatch(/<(img|form action="https)/);
      expect(page).toContain('&lt;');
    }
    deployment.peer.bindings.length = 0;
  });

  test('a name cannot turn the text around it, or hide in it', async () => {
    await deployment.peer.enrol('Good\u202eevil\u2066\u0000\u200b\nAgent');
    const text = await pageText();
    expect(text).toContain('<bdi>Good\ufffdevil\ufffd\ufffd\ufffd\ufffdAgent</bdi>');
  });

  test('whatever a name or an identifier is, it makes no markup', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 64 }), async (text) => {
        const said = String(await saidName(text));
        expect(said.slice('<q class="said"><bdi>'.length, -'</bdi></q>'.length)).not.toMatch(/[<>"]/);
        const shown = String(await identifier(text));
        expect(shown.replace(/<\/?(code|span)( (class|tabindex|title)="[^"<>]*")*>/g, '')).not.toMatch(/[<>"]/);
      }),
    );
  });

  test('an identifier that is shortened still holds all of itself', async () => {
    const printable = fc.stringMatching(/^[A-Za-z0-9:@._-]{0,80}$/);
    await fc.assert(
      fc.asyncProperty(printable, async (text) => {
        const shown = String(await identifier(text));
        expect(shown.replace(/<[^>]*>/g, '')).toBe(text);
      }),
    );
  });
});
