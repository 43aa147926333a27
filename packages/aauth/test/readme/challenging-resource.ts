import { systemClock } from '@aauth-stack/aauth/clock';
import { createDiscovery } from '@aauth-stack/aauth/discovery';
import { aauth, problemHandler } from '@aauth-stack/aauth/hono';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { SigningKey } from '@aauth-stack/aauth/keys';
import { createEgressFetch, nodeKeys } from '@aauth-stack/aauth/node';
import {
  createResource,
  createRevocationEndpoint,
  createRevocationStore,
  resourceMetadata,
} from '@aauth-stack/aauth/resource';
import { Hono } from 'hono';

const identifiers = { allowLoopback: process.env.NODE_ENV !== 'production' };
const scopeDescriptions = { 'stock:read': 'See what is in stock.', 'stock:order': 'Order what is **missing**.' };

export function createShop(self: string, personServer: string, signingKey: SigningKey) {
  const identifier = parseServerIdentifier(self, identifiers);
  const people = { issuer: parseServerIdentifier(personServer, identifiers) };
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), keys: nodeKeys, identifiers });
  const common = { identifier, identifiers, discovery, keys: nodeKeys };
  const store = createRevocationStore({ now: systemClock });
  const shop = createResource({
    ...common,
    access: 'auth-token',
    personServers: [people],
    signingKey,
    scopes: { descriptions: scopeDescriptions, defaults: ['stock:read'] },
    revoked: store.isRevoked,
  });
  const revoke = createRevocationEndpoint({ ...common, accepted: [people], store });
  const metadata = resourceMetadata({
    identifier,
    identifiers,
    access: 'auth-token',
    jwksUri: `${identifier}/.well-known/jwks.json`,
    authorizationEndpoint: `${identifier}/authorize`,
    revocationEndpoint: `${identifier}/revoke`,
    scopeDescriptions,
    name: 'Shop',
  });

  const app = new Hono().onError(problemHandler());
  app.get('/.well-known/aauth-resource.json', (c) => c.json(metadata));
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [signingKey.publicJwk] }));
  app.post('/authorize', async (c) => {
    const { response } = await shop.authorizeRequest(c.req.raw);
    return new Response(response.body, response);
  });
  app.post('/revoke', (c) => revoke(c.req.raw));

  app.get('/stock', aauth(shop), (c) => {
    const { personServer, subject, scope } = c.get('aauth').principal;
    return c.json({ for: { personServer, subject }, scope });
  });
  app.post('/orders', aauth(shop, { requiredScopes: ['stock:order'] }), async (c) => c.json(await c.req.json()));
  return app;
}
