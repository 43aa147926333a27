import { Hono } from 'hono';
import type { RunStore } from '../runs/run-store.ts';
import { agentIds, agentStatus } from './status.ts';

/** The activity feed and the state of each agent, as the recorded runs tell it. */
export function agentRoutes(store: RunStore): Hono {
  const app = new Hono();

  app.get('/status', async (c) => {
    const feed = await store.recentActivities(1000);
    return c.json(agentIds.map((id) => agentStatus(id, feed)));
  });

  app.get('/status/:id', async (c) => {
    const id = agentIds.find((known) => known === c.req.param('id'));
    if (!id) {
      const detail = `There is no agent "${c.req.param('id')}" here; known are ${agentIds.join(', ')}.`;
      return c.json({ type: 'about:blank', status: 404, error: 'not_found', detail }, 404, {
        'content-type': 'application/problem+json',
      });
    }
    return c.json(agentStatus(id, await store.recentActivities(1000)));
  });

  app.get('/activities', async (c) => {
    const asked = Number(c.req.query('limit') ?? 100);
    const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, 1000) : 100;
    return c.json(await store.recentActivities(limit));
  });

  app.post('/start', (c) =>
    c.json({ message: 'Agents run as services of their own and are started already.', user_id: 'guest' }),
  );

  app.delete('/activities', async (c) => {
    await store.clearActivities();
    return c.json({ message: 'Activities cleared' });
  });

  return app;
}
