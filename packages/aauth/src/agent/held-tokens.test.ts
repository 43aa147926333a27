import { beforeAll, describe, expect, it } from 'vitest';
import { createTestParties } from '../../test/support/agent-provider.ts';
import { createKey } from '../../test/support/keys.ts';
import { parseServerIdentifier, type ServerIdentifier } from '../identifiers.ts';
import { nodeKeys } from '../node/keys.ts';
import { issueAuthToken } from '../tokens/auth-token.ts';
import { issuePersonToken } from '../tokens/person-token.ts';
import { createTokenVerifier } from '../tokens/verify-token.ts';
import type { Access } from './access.ts';
import { createHeldTokens, type Grant } from './held-tokens.ts';

const identifiers = { allowLoopback: false };
const server = (name: string): ServerIdentifier => parseServerIdentifier(`https://${name}.example`, identifiers);
const none = new Set<string>();
let parties: Awaited<ReturnType<typeof createTestParties>>;
let access: Access;

beforeAll(async () => {
  parties = await createTestParties();
  access = {
    resource: server('shop'),
    personServer: server('ap'),
    credentials: { token: 'agent-token', key: parties.agentKey },
    upstream: undefined,
    work: undefined,
  };
  // The issuer of this test speaks in every role.
  parties.web.publishIssuer(parties.issuer, 'aauth-person.json', [parties.issuerKey.publicJwk]);
});

const common = () => ({
  issuer: parties.issuer,
  audience: access.resource,
  subject: 'person',
  key: parties.issuerKey,
  cnf: parties.agentKey.publicJwk,
  now: parties.clock.now,
  notAfter: [],
});

function verifierOf<const Type extends 'aa-person+jwt' | 'aa-auth+jwt'>(type: Type) {
  const { discovery, clock } = parties;
  return createTokenVerifier({
    discovery,
    identifiers,
    keys: nodeKeys,
    now: clock.now,
    accepts: [type],
    audience: 'any',
  });
}

async function grant(
  scope: string[],
  options: { requested?: string[]; account?: string; lifetime?: number } = {},
): Promise<Grant> {
  const { requested = scope, account, lifetime } = options;
  const personServer = parties.issuer;
  const { token } = await issueAuthToken({
    ...common(),
    dwk: 'aauth-person.json',
    personServer,
    scope,
    account,
    lifetime,
  });
  return { token: await verifierOf('aa-auth+jwt')(token), requested, account };
}

async function personToken(lifetime?: number) {
  const { token } = await issuePersonToken({ ...common(), lifetime });
  return verifierOf('aa-person+jwt')(token);
}

describe('held tokens', () => {
  it('belong to one resource, person server, key and upstream token', async () => {
    const held = createHeldTokens({ now: parties.clock.now });
    held.shelf(access).keepPerson(await personToken());
    expect(held.shelf({ ...access }).person.fresh).toBeDefined();
    const others: Partial<Access>[] = [
      { resource: server('other') },
      { personServer: server('other') },
      { credentials: { token: 'agent-token', key: await createKey() } },
      { upstream: { token: 'upstream', personServer: server('ap') } },
    ];
    for (const other of others) expect(held.shelf({ ...access, ...other }).person.valid).toBeUndefined();
    // Another agent token for the same key changes nothing.
    const credentials = { ...access.credentials, token: 'renewed' };
    expect(held.shelf({ ...access, credentials }).person.fresh).toBeDefined();
  });

  it('are forgotten with the access that was used least recently', async () => {
    const held = createHeldTokens({ now: parties.clock.now, maxShelves: 2 });
    const shelf = (name: string) => held.shelf({ ...access, resource: server(name) });
    shelf('one').keepPerson(await personToken());
    shelf('two').keepPerson(await personToken());
    expect(shelf('one').person.fresh).toBeDefined();
    shelf('three');
    expect(shelf('one').person.fresh).toBeDefined();
    expect(shelf('two').person.fresh).toBeUndefined();
  });

  it('are fresh until five minutes are left, valid until they expire', async () => {
    const shelf = createHeldTokens({ now: parties.clock.now }).shelf(access);
    shelf.keepPerson(await personToken(3600));
    shelf.keepGrant(await grant(['read'], { lifetime: 3600 }));
    const state = () => [shelf.person.fresh, shelf.person.valid, shelf.latest.fresh, shelf.latest.valid].map(Boolean);
    parties.clock.advance(3299);
    expect(state()).toEqual([true, true, true, true]);
    parties.clock.advance(1);
    expect(state()).toEqual([false, true, false, true]);
    expect(shelf.find({ scope: ['read'], account: undefined }, none, 'fresh')).toBeUndefined();
    expect(shelf.find({ scope: ['read'], account: undefined }, none, 'valid')).toBeDefined();
    parties.clock.advance(300);
    expect(state()).toEqual([false, false, false, false]);
    expect(shelf.find({ scope: ['read'], account: undefined }, none, 'valid')).toBeUndefined();
  });

  it('are not presented after the clock was set back: servers would see tokens from the future', async () => {
    const shelf = createHeldTokens({ now: parties.clock.now }).shelf(access);
    shelf.keepPerson(await personToken(3600));
    parties.clock.advance(-60);
    expect(shelf.person.fresh).toBeDefined();
    parties.clock.advance(-1);
    expect([shelf.person.fresh, shelf.person.valid]).toEqual([undefined, undefined]);
    parties.clock.advance(61);
    expect(shelf.person.fresh).toBeDefined();
  });

  it('are found by what a resource asks for: what was granted, and what was asked for and refused', async () => {
    const shelf = createHeldTokens({ now: parties.clock.now }).shelf(access);
    const narrowed = await grant(['read'], { requested: ['read', 'write'] });
    const bound = await grant(['read'], { account: 'ada' });
    const unscoped = await grant([]);
    for (const kept of [narrowed, bound, unscoped]) shelf.keepGrant(kept);
    const find = (scope: string[], account?: string, tried = none) => shelf.find({ scope, account }, tried, 'fresh');
    expect(find(['read'])).toBe(narrowed);
    expect(find(['write', 'read'])).toBe(narrowed);
    expect(find(['read', 'admin'])).toBeUndefined();
    expect(find(['read'], 'ada')).toBe(bound);
    expect(find(['read'], 'bob')).toBeUndefined();
    expect(find([])).toBe(unscoped);
    expect(find(['read'], undefined, new Set([narrowed.token.compact]))).toBeUndefined();
    expect(shelf.latest.fresh).toBe(unscoped);
  });

  it('are replaced by a grant of the same scope, and dropped when they are no good', async () => {
    const shelf = createHeldTokens({ now: parties.clock.now }).shelf(access);
    const [old, renewed] = [await grant(['read', 'write']), await grant(['write', 'read'])];
    shelf.keepGrant(old);
    shelf.keepGrant(renewed);
    const asked = { scope: ['read'], account: undefined };
    expect(shelf.find(asked, new Set([renewed.token.compact]), 'fresh')).toBeUndefined();
    shelf.forget(old.token.compact);
    expect(shelf.latest.fresh).toBe(renewed);
    shelf.forget(renewed.token.compact);
    expect(shelf.latest.valid).toBeUndefined();
    const person = await personToken();
    shelf.keepPerson(person);
    shelf.forget(renewed.token.compact);
    expect(shelf.person.fresh).toBe(person);
    shelf.forget(person.compact);
    expect(shelf.person.valid).toBeUndefined();
  });

  it('are at most sixteen grants of one access, the ones used last', async () => {
    const shelf = createHeldTokens({ now: parties.clock.now }).shelf(access);
    for (let index = 0; index < 16; index += 1) shelf.keepGrant(await grant([`s${index}`]));
    const find = (name: string) => shelf.find({ scope: [name], account: undefined }, none, 'fresh');
    expect(find('s0')).toBeDefined();
    shelf.keepGrant(await grant(['s16']));
    expect(find('s0')).toBeDefined();
    expect(find('s1')).toBeUndefined();
    expect(find('s2')).toBeDefined();
  });
});
