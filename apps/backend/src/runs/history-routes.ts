import { Hono } from 'hono';
import { z } from 'zod';
import { conflict, notFound } from '../problem.ts';
import type { SignedIn } from '../sign-in/sign-in.ts';
import { isRunId } from './run-id.ts';
import type { RunStore } from './run-store.ts';

const largestPage = 100;

const pageSchema = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .catch(20)
    .transform((limit) => Math.min(limit, largestPage)),
  before: z.coerce.number().int().optional().catch(undefined),
  status: z.enum(['completed', 'failed', 'active']).optional().catch(undefined),
});

/** The runs that there were, newest first. Behind `signIn`. */
export function historyRoutes(store: RunStore): Hono<SignedIn> {
  const app = new Hono<SignedIn>();

  app.get('/runs', async (c) => c.json(await store.of(c.get('user').owner).page(pageSchema.parse(c.req.query()))));

  app.get('/runs/:id', async (c) => {
    const id = c.req.param('id');
    const own = store.of(c.get('user').owner);
    const progress = isRunId(id) ? await own.progress(id) : undefined;
    if (!progress) return notFound(`There is no optimization ${id}.`);
    return c.json({ progress, results: (await own.results(id)) ?? null });
  });

  app.delete('/runs/:id', async (c) => {
    const id = c.req.param('id');
    const own = store.of(c.get('user').owner);
    if (!isRunId(id) || !(await own.has(id))) return notFound(`There is no optimization ${id}.`);
    if (!(await own.forget(id))) throw conflict('not_ended', `The run ${id} is under way; cancel it first.`);
    return c.body(null, 204);
  });

  app.get('/all', async (c) => c.json(await store.of(c.get('user').owner).allProgress()));

  app.delete('/clear', async (c) => {
    const cleared = await store.of(c.get('user').owner).forgetAll();
    return c.json({ message: `Cleared ${cleared} ended optimizations; those under way go on.` });
  });

  return app;
}
