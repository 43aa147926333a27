import { Hono } from 'hono';
import { z } from 'zod';
import { notFound } from '../problem.ts';
import type { RunStore } from '../runs/run-store.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import { agentIds, agentStatus } from './status.ts';

const largestPage = 1000;

const feedSchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .catch(100)
    .transform((limit) => Math.min(limit, largestPage)),
  before: z.coerce.number().int().optional().catch(undefined),
});

/** The activity feed and the state of each agent, as the recorded runs tell it. Behind `signIn`. */
export function agentRoutes(store: RunStore): Hono<SignedIn> {
  const app = new Hono<SignedIn>();
  const latestOf = (owner: string) => store.of(owner).feed({ limit: largestPage });

  app.get('/status', async (c) => {
    const feed = await latestOf(c.get('user').owner);
    return c.json(agentIds.map((id) => agentStatus(id, feed)));
  });

  app.get('/status/:id', async (c) => {
    const id = agentIds.find((known) => known === c.req.param('id'));
    if (id) return c.json(agentStatus(id, await latestOf(c.get('user').owner)));
    return notFound(`There is no agent "${c.req.param('id')}" here; known are ${agentIds.join(', ')}.`);
  });

  app.get('/activities', async (c) =>
    c.json(await store.of(c.get('user').owner).feed(feedSchema.parse(c.req.query()))),
  );

  app.post('/start', (c) => {
    const message = 'Agents run as services of their own and are started already.';
    return c.json({ message, user_id: c.get('user').id });
  });

  app.delete('/activities', async (c) => {
    await store.of(c.get('user').owner).clearFeed();
    return c.json({ message: 'Activities cleared' });
  });

  return app;
}
