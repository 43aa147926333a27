import { randomUUID } from 'node:crypto';
import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { metadataDocuments } from '@aauth-stack/aauth/tokens';
import type { AgentIdentity } from '../agent/credentials.ts';
import type { Check } from '../checks/check.ts';
import { reasonOf } from '../command/failure.ts';
import { surveyServer } from '../metadata/survey.ts';
import { checkServer, reach, type Surroundings } from './check-server.ts';

/** Whether a resource is protected, says what it asks for, and knows a signature of ours when it sees one. */
export async function checkResource(
  origin: string,
  identity: AgentIdentity | undefined,
  surroundings: Surroundings,
): Promise<Check[]> {
  const name = new URL(origin).host;
  const checks = await checkServer(name, origin, metadataDocuments.resource, surroundings);
  if (checks[0]?.result === 'fail') return checks;
  const probe = await chooseProbe(origin, surroundings);
  checks.push(await checkProtection(name, probe, surroundings));
  if (identity) checks.push(await checkSignature(name, probe, identity, surroundings));
  return checks;
}

/** A request that changes nothing and has to be protected: at the authorization endpoint where there is one, else at `/`. */
interface Probe {
  readonly url: string;
  readonly init: RequestInit;
}

async function chooseProbe(origin: string, { network }: Surroundings): Promise<Probe> {
  const [role] = await surveyServer(origin, [metadataDocuments.resource], network);
  const endpoint = role?.metadata?.authorization_endpoint;
  if (typeof endpoint !== 'string' || URL.parse(endpoint)?.origin !== origin) return { url: `${origin}/`, init: {} };
  // Without a person token nothing can come of it.
  const headers = { 'content-type': 'application/json' };
  return { url: endpoint, init: { method: 'POST', headers, body: '{}' } };
}

async function checkProtection(name: string, { url, init }: Probe, surroundings: Surroundings): Promise<Check> {
  const check = `${name} protection`;
  const { response, check: unreachable } = await reach(name, url, surroundings, init);
  if (!response) return unreachable;
  await response.body?.cancel();
  const requirement = parseRequirement(response.headers.get('aauth-requirement'))?.requirement;
  if (response.status === 401 && requirement) {
    return { check, result: 'pass', detail: `An unsigned request gets 401 and is asked for: ${requirement}.` };
  }
  if (response.status === 401) {
    const hint = 'Without the header AAuth-Requirement an agent does not know that it may sign.';
    return { check, result: 'fail', detail: 'An unsigned request gets 401 without AAuth-Requirement.', hint };
  }
  const hint = 'That may be right for this one path; try one that has to be protected: curl -i URL';
  return { check, result: 'warn', detail: `An unsigned request to ${url} gets ${response.status}.`, hint };
}

async function checkSignature(
  name: string,
  { url, init }: Probe,
  identity: AgentIdentity,
  { network, now }: Surroundings,
): Promise<Check> {
  const check = `${name} signature`;
  try {
    const { credentials } = identity;
    const fetch = createSignedFetch({ fetch: network.fetch, credentials, now, nonce: randomUUID });
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    const error = /error=([a-z_]+)/.exec(response.headers.get('signature-error') ?? '')?.[1];
    if (error === undefined && [404, 405].includes(response.status)) {
      const detail = `${url} answers ${response.status}, which says nothing about signatures; aauth fetch -v URL does.`;
      return { check, result: 'skip', detail };
    }
    if (error === undefined) {
      return {
        check,
        result: 'pass',
        detail: `It takes a signature of ${identity.profile.agent ?? 'this agent'} (${response.status}).`,
      };
    }
    const hint =
      'See why: aauth sign --format http URL | aauth verify, and what the resource accepts: its agent providers.';
    return { check, result: 'fail', detail: `It refuses a signature of this agent: ${error}.`, hint };
  } catch (error) {
    return { check, result: 'fail', detail: reasonOf(error), hint: 'aauth whoami --refresh says more.' };
  }
}
