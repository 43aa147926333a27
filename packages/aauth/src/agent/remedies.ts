import { PeerError, UnavailableError } from '../errors.ts';
import type { VerifiedResourceToken } from '../tokens/types.ts';
import type { Remedy } from './agent-events.ts';
import type { Call } from './call.ts';
import type { Demand } from './demands.ts';
import { exchangeResourceToken } from './exchange.ts';
import type { Grant } from './held-tokens.ts';
import { obtainPersonToken, requireAccess } from './person-token.ts';
import { planFirstRequest } from './plan.ts';
import { verifyResourceChallenge } from './resource-challenge.ts';
import { abortable, type Refusal } from './signer.ts';
import { presentedToken, type Standing } from './standing.ts';

/** Finds what a call presents, first and after each refusal. */
export interface Remedies {
  /** What the first request presents. */
  begin(): Promise<Standing>;
  /**
   * Does what the resource demands.
   *
   * @returns what to present next; `undefined` when nothing is left to do
   * @throws why it cannot be done
   */
  meet(demand: Demand, standing: Standing): Promise<Standing | undefined>;
}

interface Measure {
  readonly remedy: Remedy;
  take(): Promise<Standing | undefined>;
}

type Asked = Pick<VerifiedResourceToken, 'scope' | 'account'>;

// How often each remedy is taken within one call: every call ends, and a resource that is never content costs two exchanges.
const limits: Readonly<Record<Remedy, number>> = {
  'renew-agent-token': 1,
  'present-agent-token': 1,
  'present-person-token': 2,
  'renew-person-token': 1,
  'present-known-auth-token': 1,
  'exchange-resource-token': 2,
  'ask-again': 1,
};

/** For one call: knows what it has tried. */
export function createRemedies(call: Call): Remedies {
  const { agent, request, emit } = call;
  const taken = new Map<Remedy, number>();
  const tried = new Set<string>();
  // What the resource asked for when each auth token of this call was chosen.
  const answered = new Map<string, Asked>();

  function tryNext(standing: Standing): Standing {
    tried.add(presentedToken(standing));
    return standing;
  }

  async function carryOut({ remedy, take }: Measure, standing: Standing): Promise<Standing | undefined> {
    const times = (taken.get(remedy) ?? 0) + 1;
    if (times > limits[remedy]) return undefined;
    taken.set(remedy, times);
    return orElse(standing, async () => {
      const next = await take();
      if (next) emit({ type: 'retried', because: remedy });
      return next && tryNext(next);
    });
  }

  // A person server may refuse what it is given for a reason that another token, or another resource token, does away with.
  async function orElse<Result extends Standing | undefined>(
    standing: Standing,
    run: () => Promise<Result>,
  ): Promise<Result | Standing> {
    try {
      return await run();
    } catch (error) {
      const measure = measureAfter(error, standing);
      const next = measure && (await carryOut(measure, standing));
      if (next) return next;
      throw error;
    }
  }

  async function measureFor(demand: Demand, standing: Standing): Promise<Measure | undefined> {
    switch (demand.wants) {
      case 'another-agent-token':
        return renewAgentToken(demand.refused);
      case 'agent-token':
        return presentAgentToken(standing);
      case 'person-token':
        return presentPersonToken(standing, 'present-person-token');
      case 'auth-token':
        return presentAuthToken(standing, demand.resourceToken);
    }
  }

  function measureAfter(error: unknown, standing: Standing): Measure | undefined {
    if (!(error instanceof PeerError)) return undefined;
    switch (error.code) {
      case 'expired_jwt':
      case 'revoked_jwt':
        return renewAgentToken({ token: standing.credentials.token, code: error.code });
      case 'invalid_presented_token':
      case 'expired_presented_token':
      case 'revoked_presented_token':
        return presentPersonToken(standing, 'renew-person-token');
      case 'expired_resource_token':
        return { remedy: 'ask-again', take: async () => standing };
      default:
        return undefined;
    }
  }

  function renewAgentToken(refused: Refusal): Measure {
    return {
      remedy: 'renew-agent-token',
      async take() {
        const credentials = await abortable(agent.credentials({ refused }), request.signal);
        return credentials.token === refused.token ? undefined : planFirstRequest(call, credentials);
      },
    };
  }

  // The tokens at hand stay: a resource may want them at its other endpoints.
  function presentAgentToken({ credentials }: Standing): Measure {
    return { remedy: 'present-agent-token', take: async () => ({ level: 'agent', credentials }) };
  }

  function presentPersonToken(standing: Standing, remedy: Remedy): Measure {
    const { credentials } = standing;
    return {
      remedy,
      async take() {
        const access = requireAccess(call, credentials, 'a person token');
        forget(standing);
        return { level: 'person', credentials, token: await obtainPersonToken(call, access) };
      },
    };
  }

  async function presentAuthToken(standing: Standing, compact: string): Promise<Measure | undefined> {
    const { credentials } = standing;
    const access = requireAccess(call, credentials, 'an auth token');
    const resourceToken = await verifyResourceChallenge(call, standing, compact);
    // The person server has just decided on that.
    if (goesNoFurther(resourceToken, answered.get(presentedToken(standing)))) return undefined;
    const shelf = agent.held.shelf(access);
    const present = ({ token }: Grant): Standing => {
      answered.set(token.compact, resourceToken);
      return { level: 'auth', credentials, token };
    };
    const known = shelf.find(resourceToken, tried, 'fresh');
    if (known) return { remedy: 'present-known-auth-token', take: async () => present(known) };
    return {
      remedy: 'exchange-resource-token',
      async take() {
        try {
          // Another call may have finished the same exchange since.
          const grant = shelf.find(resourceToken, tried, 'fresh');
          return present(grant ?? (await exchangeResourceToken(call, access, { resourceToken, standing })));
        } catch (error) {
          const old = error instanceof UnavailableError ? shelf.find(resourceToken, tried, 'valid') : undefined;
          if (old) return present(old);
          throw error;
        }
      },
    };
  }

  function forget(standing: Standing): void {
    const { resource, personServer, upstream, work } = call;
    const { credentials, level } = standing;
    if (level === 'agent' || personServer === undefined) return;
    agent.held.shelf({ resource, credentials, personServer, upstream, work }).forget(presentedToken(standing));
  }

  return {
    async begin() {
      const credentials = await abortable(agent.credentials(), request.signal);
      return orElse({ level: 'agent', credentials }, async () => tryNext(await planFirstRequest(call, credentials)));
    },
    meet: (demand, standing) =>
      orElse(standing, async () => {
        const measure = await measureFor(demand, standing);
        return measure && carryOut(measure, standing);
      }),
  };
}

function goesNoFurther(asked: Asked, before: Asked | undefined): boolean {
  return (
    before !== undefined && before.account === asked.account && asked.scope.every((name) => before.scope.includes(name))
  );
}
