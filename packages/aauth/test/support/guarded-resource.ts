import type { SigningKey } from '../../src/keys/types.ts';
import { nodeKeys } from '../../src/node/keys.ts';
import { deferredChallenge, isSameCaller } from '../../src/resource/deferred-challenge.ts';
import { createResource, type Resource } from '../../src/resource/resource.ts';
import type { AccessMode, Principal, Verdict } from '../../src/resource/types.ts';
import { signJwt } from '../../src/tokens/jwt.ts';
import type { IssuedResourceToken } from '../../src/tokens/resource-token.ts';
import { type AccessWorld, identifiers, notFound, startIssuer, type TestIssuer } from './access-world.ts';
import type { Received } from './http-server.ts';
import { toResponse } from './person-server.ts';

const additionalComponents = ['@query', 'content-type', 'content-digest'];

type Members = Readonly<Record<string, unknown>>;

/** A resource of a test. `/read` needs the scope `read`, `/write` needs `write`, everything else what `access` says. */
export interface GuardedResource extends TestIssuer {
  /** The calls that were let in. */
  readonly reached: { readonly call: string; readonly body: string; readonly principal: Principal }[];
  readonly verdicts: Verdict[];
  /** Tokens, by `jti`. */
  readonly revoked: Set<string>;
  /** Says something else in the next resource tokens, perhaps with another key. */
  tamper:
    | {
        readonly claims?: Members;
        readonly header?: Members;
        readonly key?: SigningKey;
        readonly type?: string;
        /** Parameters to add to the requirement. */
        readonly parameters?: string;
      }
    | undefined;
  /** Whether calls that need an auth token are held with 202. */
  holds: boolean;
  /** Answers in its place; `undefined` leaves it to the resource. */
  instead: ((request: Received) => Response | undefined | Promise<Response | undefined>) | undefined;
  /** Seconds that its clock is ahead. */
  ahead: number;
}

interface HeldCall {
  readonly request: Received;
  readonly principal: Principal;
}

export async function startGuardedResource(
  { clock, discovery }: AccessWorld,
  { name = 'inventory', access = 'auth-token' }: { name?: string; access?: AccessMode } = {},
): Promise<GuardedResource> {
  const now = () => clock.now() + self.ahead;
  const held: HeldCall[] = [];
  const base = await startIssuer(name, 'aauth-resource.json', async (request) => {
    const response = (await self.instead?.(request)) ?? (await serve(request));
    response.headers.set('date', new Date(now() * 1000).toUTCString());
    return response;
  });
  const self: GuardedResource = Object.assign(base, {
    reached: [],
    verdicts: [],
    revoked: new Set<string>(),
    tamper: undefined,
    holds: false,
    instead: undefined,
    ahead: 0,
  });
  base.metadata = {
    access_mode: access,
    additional_signature_components: additionalComponents,
    authorization_endpoint: `${base.issuer}/authorize`,
  };
  const resource: Resource = createResource<AccessMode>({
    identifier: base.issuer,
    access,
    discovery: discovery(),
    identifiers,
    keys: nodeKeys,
    now,
    tokenTypes: ['aa-agent+jwt', 'aa-person+jwt', 'aa-auth+jwt'],
    signingKey: base.key,
    scopes: { descriptions: { read: 'Look', write: 'Change' }, defaults: ['read'] },
    additionalComponents,
    revoked: ({ jti }) => self.revoked.has(jti),
    observe: (verdict) => self.verdicts.push(verdict),
  });
  return self;

  async function serve(request: Received): Promise<Response> {
    const { method, target, headers, body } = request;
    const [path = '', query] = target.split('?');
    const authority = headers.get('host') ?? '';
    const message = { method, authority, path, query: query === undefined ? '' : `?${query}`, headers };
    if (path === '/authorize') {
      const { response } = await resource.authorize(message, body);
      return new Response(response.body, response);
    }
    const requiredScopes = ['read', 'write'].filter((scope) => path === `/${scope}`);
    const verdict = await resource.verify(message, body, { requiredScopes });
    if (path.startsWith('/held/')) return poll(Number(path.slice(6)), verdict);
    if (verdict.ok) return run(request, verdict.principal);
    const { challenge, response } = verdict;
    if (!challenge?.resourceToken) return new Response(response.body, response);
    const { token, parameters = '' } = await resourceToken(challenge.resourceToken);
    if (self.holds) return hold({ request, principal: challenge.principal }, token);
    const requirement = `requirement=auth-token;resource-token="${token}"${parameters}`;
    return new Response(response.body, {
      ...response,
      headers: { ...response.headers, 'aauth-requirement': requirement },
    });
  }

  async function resourceToken(issued: IssuedResourceToken): Promise<{ token: string; parameters?: string }> {
    if (!self.tamper) return issued;
    const { type = 'aa-resource+jwt', parameters, claims, header, key = base.key } = self.tamper;
    return { token: await signJwt(type, { ...issued.claims, ...claims }, key, header), parameters };
  }

  function hold(call: HeldCall, token: string): Response {
    held.push(call);
    return toResponse(deferredChallenge({ location: `/held/${held.length - 1}`, resourceToken: token }));
  }

  function poll(index: number, verdict: Verdict): Response {
    const call = held[index];
    const principal = verdict.ok ? verdict.principal : verdict.challenge?.principal;
    if (!call || !principal || !isSame(principal, call.principal)) return notFound();
    if (verdict.ok) return run(call.request, principal);
    const { token } = verdict.challenge?.resourceToken ?? {};
    return token ? toResponse(deferredChallenge({ location: `/held/${index}`, resourceToken: token })) : notFound();
  }

  function run({ method, target, body }: Received, principal: Principal): Response {
    const text = new TextDecoder().decode(body);
    self.reached.push({ call: `${method} ${target}`, body: text, principal });
    return Response.json({ level: principal.level, body: text });
  }
}

function isSame(one: Principal, other: Principal): boolean {
  return 'subject' in one && 'subject' in other && isSameCaller(one, other);
}
