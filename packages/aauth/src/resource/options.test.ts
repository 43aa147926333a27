import { describe, expect, expectTypeOf, it } from 'vitest';
import { scopeDescriptions, startChallengingServer } from '../../test/support/challenging-server.ts';
import { createKey } from '../../test/support/keys.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { aauth } from '../hono/aauth.ts';
import { parseServerIdentifier } from '../identifiers.ts';
import { createEgressFetch } from '../node/egress.ts';
import { messageFromRequest } from '../signatures/index.ts';
import type { ResourceOptions } from './options.ts';
import { createResource, type Resource } from './resource.ts';
import type { AuthorizedPrincipal, PersonPrincipal, Principal } from './types.ts';

describe('the options of a resource', () => {
  const identifiers = { allowLoopback: false };
  const identifier = parseServerIdentifier('https://inventory.example', identifiers);
  const discovery = createDiscovery({ fetch: createEgressFetch(identifiers), identifiers });

  it('decide who its handlers can meet', async () => {
    const common = { discovery, identifiers, identifier };
    const signingKey = await createKey('rs-1');
    expectTypeOf(createResource(common)).toEqualTypeOf<Resource<Principal>>();
    expectTypeOf(createResource({ ...common, access: 'person-token' })).toEqualTypeOf<
      Resource<PersonPrincipal | AuthorizedPrincipal>
    >();
    expectTypeOf(createResource({ ...common, access: 'auth-token', signingKey })).toEqualTypeOf<
      Resource<AuthorizedPrincipal>
    >();
  });

  it('are refused when they cannot work', async () => {
    const signingKey = await createKey('rs-1');
    const unpublished = await createKey();
    const scopes = { descriptions: scopeDescriptions, defaults: ['stock:read'] };
    const good = { discovery, identifiers, identifier, access: 'auth-token', signingKey, scopes } as const;
    const wrong: Partial<ResourceOptions>[] = [
      { identifier: undefined },
      { signingKey: undefined },
      { signingKey: unpublished },
      { schemes: ['jwks_uri'] },
      { tokenTypes: ['aa-agent+jwt'] },
      { tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      { tokenTypes: ['aa-person+jwt'] },
      { access: 'person-token', tokenTypes: ['aa-agent+jwt'] },
      { access: 'agent-token', identifier: undefined, tokenTypes: ['aa-agent+jwt', 'aa-auth+jwt'] },
      { scopes: { ...scopes, defaults: ['stock:write'] } },
      { scopes: { descriptions: { 'stock read': 'a name with a space' } } },
      { scopes: { ...scopes, identity: ['stock:read'] } },
    ];
    expect(() => createResource(good)).not.toThrow();
    expect(() => createResource({ ...good, tokenTypes: ['aa-person+jwt', 'aa-auth+jwt'] })).not.toThrow();
    for (const change of wrong) expect(() => createResource({ ...good, ...change })).toThrow(TypeError);
  });

  it('must allow for what a call requires', async () => {
    const { resource, sign } = await startChallengingServer();
    const request = new Request('http://inventory.localhost:3000/stock', { headers: await sign({ target: '/stock' }) });
    expect((await resource.verifyRequest(request, { requiredScopes: ['stock:read'] })).ok).toBe(true);
    await expect(resource.verifyRequest(request, { requiredScopes: ['stock:write'] })).rejects.toThrow('stock:write');
    const identityOnly = createResource({ discovery, identifiers, identifier });
    await expect(identityOnly.verify(messageFromRequest(request))).resolves.toMatchObject({ ok: false });
    const needy = identityOnly.verify(messageFromRequest(request), undefined, { requiredScopes: ['stock:read'] });
    await expect(needy).rejects.toThrow(TypeError);
    expect(() => aauth(resource, { requiredScopes: ['stock:read'] })).not.toThrow();
    expect(() => aauth(resource, { requiredScopes: ['stock:write'] })).toThrow('stock:write');
  });
});
