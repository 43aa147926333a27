import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import type { Passing } from './gate.ts';
import type { FrontedName } from './places.ts';

/** A moment of a run that needs the person's consent: when this message has come to this gate, and has not passed it. */
export interface FlowStep {
  name: string;
  gate: FrontedName;
  fits: (passing: Passing) => boolean;
  /** The person has not decided yet, and waits until the fault is over. */
  isUndecided: boolean;
}

const request = (method: string, path: RegExp) => (passing: Passing) =>
  passing.kind === 'request' && passing.method === method && path.test(passing.path);
const answer = (method: string, path: RegExp, status: number) => (passing: Passing) =>
  passing.kind === 'answer' && passing.method === method && path.test(passing.path) && passing.status === status;

/** The type of the token that a request presents. */
function presented({ headers }: Passing): string | undefined {
  const compact = /\bjwt="([^"]+)"/.exec(String(headers['signature-key'] ?? ''))?.[1];
  return compact === undefined ? undefined : String(decodeTokenForDisplay(compact)?.header.typ);
}

const decision = /^\/consent\/[^/]+\/decision$/;
const pending = /^\/pending\//;

/** From the first call to the report, in the order in which they come. */
export const flowSteps: readonly FlowStep[] = [
  {
    name: 'the resource asks for an auth token',
    gate: 'resource-proxy',
    fits: answer('POST', /^\/$/, 401),
    isUndecided: true,
  },
  { name: 'the agent asks for it', gate: 'person-server', fits: request('POST', /^\/auth-token$/), isUndecided: true },
  {
    name: 'the question is on record, the agent does not know yet',
    gate: 'person-server',
    fits: answer('POST', /^\/auth-token$/, 202),
    isUndecided: true,
  },
  { name: 'the agent waits for the answer', gate: 'person-server', fits: request('GET', pending), isUndecided: true },
  { name: 'the person decides', gate: 'person-server', fits: request('POST', decision), isUndecided: false },
  {
    name: 'the decision is on record, the person does not know yet',
    gate: 'person-server',
    fits: answer('POST', decision, 200),
    isUndecided: false,
  },
  {
    name: 'the token is issued, the agent has not got it',
    gate: 'person-server',
    fits: answer('GET', pending, 200),
    isUndecided: false,
  },
  {
    name: 'the agent calls with the token',
    gate: 'resource-proxy',
    fits: (passing) => request('POST', /^\/$/)(passing) && presented(passing) === 'aa-auth+jwt',
    isUndecided: false,
  },
  {
    name: 'the call comes to the supply-chain agent',
    gate: 'supply-chain-agent',
    fits: request('POST', /^\/$/),
    isUndecided: false,
  },
  {
    name: 'the token for the next hop is issued, that agent has not got it',
    gate: 'person-server',
    fits: answer('POST', /^\/auth-token$/, 200),
    isUndecided: false,
  },
  {
    name: 'the call comes to the market-analysis agent',
    gate: 'market-analysis-agent',
    fits: request('POST', /^\/$/),
    isUndecided: false,
  },
  {
    name: 'the inventory is read',
    gate: 'inventory-mcp',
    fits: request('POST', /^\/mcp$/),
    isUndecided: false,
  },
  {
    name: 'the report is on its way back',
    gate: 'resource-proxy',
    fits: answer('POST', /^\/$/, 200),
    isUndecided: false,
  },
];
