import { parseRequirement } from '@aauth-stack/aauth/requirement';
import { parseSignatureInput, parseSignatureKey } from '@aauth-stack/aauth/signatures';
import type { Exchange } from '../http/exchange.ts';
import { redactHeader, redactTokens } from '../terminal/redact.ts';
import { type SeenTokens, type TokenView, viewToken } from './token-view.ts';

/** A token in a step: shown, or named by the step that showed it. */
export type StepToken = TokenView | { readonly kind: string; readonly as_in_step: number };

/** One exchange on the way to an answer, for people and for `--json`. */
export interface Step {
  readonly step: number;
  readonly what: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly signature?: {
      readonly scheme: string;
      readonly covers: readonly string[];
      readonly created?: number;
      readonly token?: StepToken;
      /** Of the schemes without a token. */
      readonly parameters?: Readonly<Record<string, string>>;
    };
    readonly body?: unknown;
    readonly tokens: Readonly<Record<string, StepToken>>;
  };
  readonly response: {
    readonly status: number;
    /** `AAuth-Requirement` without its token. */
    readonly requirement?: { readonly requirement: string; readonly parameters: Readonly<Record<string, string>> };
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly tokens: Readonly<Record<string, StepToken>>;
  };
}

/** Who is who in a call. */
export interface Parties {
  readonly provider: string;
  readonly personServer: string | undefined;
}

const tokenMember = /_token$/;

type Members = Readonly<Record<string, unknown>>;

const shownHeaders = [
  'signature-error',
  'accept-signature-alg',
  'accept-signature-scheme',
  'location',
  'retry-after',
  'aauth-access',
  'www-authenticate',
];

/** Makes a step of an exchange. Holds no complete token. */
export function explainExchange(exchange: Exchange, step: number, parties: Parties, seen: SeenTokens): Step {
  const show = (compact: string): StepToken | undefined => {
    const view = viewToken(compact);
    const before = view && seen.firstSeen(compact, step);
    return view && before !== undefined ? { kind: view.kind, as_in_step: before } : view;
  };
  const asked = parseObject(exchange.requestBody);
  const answered = parseObject(exchange.responseBody);
  const headers = new Headers(exchange.responseHeaders.map(([name, value]): [string, string] => [name, value]));
  const signature = explainSignature(exchange, show);
  const requirement = parseRequirement(headers.get('aauth-requirement'));
  const { 'resource-token': resourceToken, ...parameters } = requirement?.parameters ?? {};
  return {
    step,
    what: describe(exchange, asked, parties, signature?.token?.kind),
    request: {
      method: exchange.method,
      url: exchange.url.href,
      signature,
      body: shownBody(exchange.requestBody, asked),
      tokens: tokensIn(asked, show),
    },
    response: {
      status: exchange.status,
      requirement: requirement && { requirement: requirement.requirement, parameters },
      headers: Object.fromEntries(
        shownHeaders.flatMap((name) => {
          const value = headers.get(name);
          return value === null ? [] : [[name, redactHeader(name, value)]];
        }),
      ),
      body: shownBody(exchange.responseBody, answered),
      tokens: { ...tokensIn(answered, show), ...tokensIn({ resource_token: resourceToken }, show) },
    },
  };
}

function explainSignature(exchange: Exchange, show: (compact: string) => StepToken | undefined) {
  const headers = new Headers(exchange.requestHeaders.map(([name, value]): [string, string] => [name, value]));
  const key = headers.get('signature-key');
  const input = headers.get('signature-input');
  if (key === null || input === null) return undefined;
  const { components, created, label } = parseSignatureInput(input, []);
  const { scheme, parameters } = parseSignatureKey(key, label);
  const token = show(parameters.get('jwt') ?? '');
  return {
    scheme,
    covers: components,
    created,
    token,
    parameters: token ? undefined : Object.fromEntries(parameters),
  };
}

function describe({ method, url }: Exchange, asked: Members | undefined, parties: Parties, token = 'nothing'): string {
  if (url.origin === parties.provider) {
    if (url.pathname.startsWith('/.well-known/')) return "Read the agent provider's metadata";
    if (asked?.agent_name !== undefined) return 'Ask the agent provider for an agent token';
    return method === 'POST' ? 'Renew the agent token' : 'Ask the agent provider whether the person has decided';
  }
  if (url.origin === parties.personServer) {
    if (asked?.resource_token !== undefined)
      return 'Exchange the resource token for an auth token at the person server';
    if (asked?.resource !== undefined) return `Ask the person server for a person token for ${asked.resource}`;
    return method === 'GET' ? 'Ask the person server whether it is decided' : 'Reply to the person server';
  }
  return `Call the resource, presenting the ${token}`;
}

function tokensIn(members: Members | undefined, show: (compact: string) => StepToken | undefined) {
  const found = Object.entries(members ?? {}).flatMap(([name, value]) => {
    const token = typeof value === 'string' && tokenMember.test(name) ? show(value) : undefined;
    return token ? [[name, token] as const] : [];
  });
  return Object.fromEntries(found);
}

// Tokens are shown decoded, and beside it.
function shownBody(text: string | undefined, parsed: Members | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  if (!parsed) return redactTokens(text);
  const others = Object.entries(parsed).filter(
    ([name, value]) => !(tokenMember.test(name) && typeof value === 'string'),
  );
  return JSON.parse(redactTokens(JSON.stringify(Object.fromEntries(others))));
}

function parseObject(text: string | undefined): Members | undefined {
  try {
    const value: unknown = text ? JSON.parse(text) : undefined;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
