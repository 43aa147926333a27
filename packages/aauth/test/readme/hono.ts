import { type AAuthEnv, aauth, problemHandler } from '@aauth-stack/aauth/hono';
import type { Resource } from '@aauth-stack/aauth/resource';
import { Hono } from 'hono';

export function createApp(inventory: Resource) {
  const app = new Hono<AAuthEnv>().onError(problemHandler());
  app.get('/', (c) => c.text('public'));
  app.post('/orders', aauth(inventory), async (c) => {
    const { principal } = c.get('aauth');
    return c.json({ orderedBy: principal.jkt, order: await c.req.json() });
  });
  // Who may do it is a question of its own: anything but `true` is a 403.
  const staff = aauth(inventory, {
    authorize: (principal) => principal.scheme === 'jwt' && principal.token.claims.department === 'stock',
  });
  app.delete('/orders/:id', staff, (c) => c.body(null, 204));
  return app;
}
