import type { WorkOptions } from '@aauth-stack/aauth/agent';
import { type ForwardedPrincipal, parseForwardedHeaders } from '@aauth-stack/aauth/resource';
import { expect, it } from 'vitest';
import { forwardedFrom, proxySecret } from '../testing/index.ts';
import { type CallerFetches, fetchForCaller } from './fetch-for-caller.ts';

const agent = parseForwardedHeaders(
  new Headers(forwardedFrom('aauth:caller-1@agent-provider.localhost:8766', 'http://agent-provider.localhost:8766')),
  proxySecret,
);

function watched() {
  const made: [string, string | undefined, WorkOptions | undefined][] = [];
  const make = (as: string, upstream: string | undefined, work: WorkOptions | undefined) => {
    made.push([as, upstream, work]);
    return async () => new Response(as);
  };
  const fetches: CallerFetches = {
    asItself: { with: (work) => make('itself', undefined, work) },
    forCallers: { withUpstream: (token, work) => make('caller', token, work) },
  };
  return { made, fetches };
}

const caller = (changes: Partial<ForwardedPrincipal>): ForwardedPrincipal => {
  if (!agent) throw new Error('The proxy of the tests is not believed.');
  return { ...agent, ...changes };
};

it('calls for the person of a caller as one piece of work, however many requests it takes', async () => {
  const { made, fetches } = watched();
  const work = { justification: 'to test' };
  const fetch = fetchForCaller(fetches, caller({ level: 'authorized', token: 'a.b.c' }), work);
  for (let request = 0; request < 3; request++) expect(await (await fetch('http://a.localhost')).text()).toBe('caller');
  expect(made).toEqual([['caller', 'a.b.c', work]]);
});

it('calls as itself where there is no person, and not instead of a person whose token is missing', async () => {
  const { made, fetches } = watched();
  expect(await (await fetchForCaller(fetches, caller({}), {})('http://a.localhost')).text()).toBe('itself');
  const without = fetchForCaller(fetches, caller({ level: 'person' }), {});
  await expect(without('http://a.localhost')).rejects.toMatchObject({ code: 'invalid_upstream_token' });
  expect(made).toEqual([['itself', undefined, {}]]);
});
