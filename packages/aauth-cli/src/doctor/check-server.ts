import type { MetadataDocument } from '@aauth-stack/aauth/tokens';
import type { Network } from '../agent/network.ts';
import type { Check } from '../checks/check.ts';
import { reasonOf } from '../command/failure.ts';
import { surveyServer } from '../metadata/survey.ts';

const timeoutMs = 5000;

/** What is said about somebody who cannot be reached. */
export interface Surroundings {
  readonly network: Network;
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly isDemo: boolean;
}

/** Whether a server is there, ready, of our time, and publishes what others need. */
export async function checkServer(
  name: string,
  origin: string,
  dwk: MetadataDocument,
  surroundings: Surroundings,
): Promise<Check[]> {
  const { network } = surroundings;
  const reached = await reach(name, `${origin}/.well-known/${dwk}`, surroundings);
  if (!reached.response) return [reached.check];
  await reached.response.body?.cancel();
  const checks = [reached.check, ...checkClock(name, reached.response, surroundings.now())];
  const [role] = await surveyServer(origin, [dwk], network);
  const faults = role?.checks.filter(({ result }) => result === 'fail') ?? [];
  for (const { check, detail, hint } of faults)
    checks.push({ check: `${name} metadata`, result: 'fail', detail: `${check}: ${detail}`, hint });
  if (faults.length === 0)
    checks.push({ check: `${name} metadata`, result: 'pass', detail: `${dwk} and its keys can be used` });
  const readiness = await checkReadiness(name, origin, surroundings);
  return readiness ? [...checks, readiness] : checks;
}

/** Whether something that need not be there is there. */
export async function checkOptional(
  name: string,
  url: string,
  meaning: string,
  surroundings: Surroundings,
): Promise<Check> {
  const { response } = await reach(name, url, surroundings);
  await response?.body?.cancel();
  return response
    ? { check: name, result: 'pass', detail: url }
    : { check: name, result: 'skip', detail: `Nothing at ${url}. ${meaning}` };
}

/** Sends a plain request, a GET by default. */
export async function reach(
  name: string,
  url: string,
  { network, isDemo }: Surroundings,
  init: RequestInit = {},
): Promise<{ readonly check: Check; readonly response?: Response }> {
  try {
    const response = await network.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { response, check: { check: name, result: 'pass', detail: `${new URL(url).origin} answers` } };
  } catch (error) {
    const detail = `${new URL(url).origin} cannot be reached: ${reasonOf(error)}.`;
    return { check: { check: name, result: 'fail', detail, hint: hintFor(error, isDemo) } };
  }
}

function hintFor(error: unknown, isDemo: boolean): string {
  const reason = reasonOf(error);
  if (/ECONNREFUSED/.test(reason)) {
    return isDemo
      ? 'Nothing listens there. Start the stack with ./scripts/start-infra.sh; logs/ says why a service ended.'
      : 'Nothing listens there: start the server, or see whether the address is right.';
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return 'The name is not known. Is it spelled right, and is there a network?';
  if (/certificate|CERT|self-signed/i.test(reason)) {
    return 'Its certificate is not trusted here. NODE_EXTRA_CA_CERTS names a file with a CA to trust.';
  }
  return /timeout|timed out|TimeoutError/i.test(reason)
    ? 'It does not answer in time: a firewall, or a server that hangs.'
    : 'See whether the address is right, and what the server logs.';
}

function checkClock(name: string, response: Response, now: number): Check[] {
  const date = Date.parse(response.headers.get('date') ?? '') / 1000;
  if (Number.isNaN(date)) return [];
  const ahead = Math.round(date - now);
  if (Math.abs(ahead) <= 5) return [];
  const detail = `Its clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here.`;
  const hint = 'Signatures are good for 60 s: set the clocks by NTP.';
  return [{ check: `${name} clock`, result: Math.abs(ahead) > 55 ? 'fail' : 'warn', detail, hint }];
}

/** Services of this stack say at /readyz whether they can do their work; others need not. */
async function checkReadiness(name: string, origin: string, surroundings: Surroundings): Promise<Check | undefined> {
  const { response } = await reach(name, `${origin}/readyz`, surroundings);
  if (response?.status === 200) {
    await response.body?.cancel();
    return { check: `${name} readiness`, result: 'pass', detail: 'It says that it can do its work.' };
  }
  if (response?.status !== 503) {
    await response?.body?.cancel();
    return undefined;
  }
  const said = (await response.text()).slice(0, 300);
  return {
    check: `${name} readiness`,
    result: 'fail',
    detail: `It says that it cannot do its work: ${said}`,
    hint: 'Its log says why.',
  };
}
