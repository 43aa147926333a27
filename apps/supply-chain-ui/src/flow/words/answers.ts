import type { Exchange, ExchangeMeaning } from '../model/flow.ts';
import { aToken, issuedIn, scopesOf, tokenName } from './tokens.ts';

/** What the colours stand for; each has a word and a sign too. */
export const meaningWords: Readonly<Record<ExchangeMeaning, { name: string; about: string }>> = {
  identity: { name: 'Identity', about: 'An agent shows who it is.' },
  challenge: { name: 'Challenge', about: 'A resource says what it wants to see first.' },
  exchange: { name: 'Exchange', about: 'A token is issued.' },
  consent: { name: 'Consent', about: 'The person is asked, or has approved.' },
  success: { name: 'Access', about: 'A call with what it takes.' },
  refusal: { name: 'Refusal', about: 'Somebody said no, or nothing.' },
  other: { name: 'Other', about: 'Requests that the protocol has no part in.' },
};

/** The answer in few words, for the drawing: "401 wants an auth token". */
export function answerWords(exchange: Exchange): string {
  const { status, ended_at, from, decision, requirement, problem, polling } = exchange;
  if (from === 'person' && decision) return decision.result === 'approved' ? 'approves' : decision.result;
  if (status === null) return ended_at === null ? 'is waiting for the answer' : 'got no answer';
  const issued = issuedIn(exchange);
  if (issued) return `${status} issues ${aToken(issued.type)}`;
  if (status === 401 && requirement) return `401 wants ${requirementWords(requirement.name)}`;
  if (status === 202 && (requirement || isPending(exchange))) {
    return `202 ${requirement ? deferredWords(requirement.name) : 'not yet'}`;
  }
  if (status >= 400) return [String(status), problem?.code].filter(Boolean).join(' ');
  if (polling) return String(status);
  return exchange.discovery ? `${status} ${documentName(exchange.url)}` : `${status} ${statusWord(status)}`;
}

function requirementWords(name: string): string {
  const types: Readonly<Record<string, string>> = {
    'agent-token': 'an agent token',
    'person-token': 'a person token',
    'auth-token': 'an auth token',
  };
  return types[name] ?? name;
}

function deferredWords(name: string): string {
  const words: Readonly<Record<string, string>> = {
    interaction: 'asks the person',
    approval: 'waits for an approval',
    clarification: 'passes on a question',
    'auth-token': 'wants an auth token',
    claims: 'wants claims',
  };
  return words[name] ?? name;
}

function statusWord(status: number): string {
  return status === 200
    ? 'OK'
    : status === 201
      ? 'Created'
      : status === 202
        ? 'Accepted'
        : status === 204
          ? 'Done'
          : status < 400
            ? 'elsewhere'
            : '';
}

/** Whether the answer is to be asked for at another address. */
export function isPending({ status, response_headers }: Exchange): boolean {
  return status === 202 && response_headers.some(([name]) => name === 'location');
}

/** "resource metadata", "keys" */
export function documentName(url: string): string {
  const name = new URL(url).pathname.replace('/.well-known/', '');
  if (name.includes('jwks')) return 'keys';
  if (name === 'aauth-resource.json') return 'resource metadata';
  if (name === 'aauth-person.json') return 'Person Server metadata';
  if (name === 'aauth-agent.json') return 'agent metadata';
  return name === 'openid-configuration' ? 'provider metadata' : 'metadata';
}

/** The scopes that an exchange is about: asked for, granted or decided on. */
export function scopesIn(exchange: Exchange): readonly string[] {
  const { decision, from, tokens } = exchange;
  if (from === 'person') return decision?.scope ?? [];
  const issued = scopesOf(issuedIn(exchange));
  if (issued.length > 0) return issued;
  const asked = tokens.find(({ role, parameter }) => role === 'requirement' || parameter === 'resource_token');
  return scopesOf(asked);
}

/** What a request carries, for the drawing: "auth token". */
export function carriedWords({ tokens, signature, forwarded }: Exchange): string | undefined {
  if (forwarded) return 'forwarded';
  const presented = tokens.find(({ role }) => role === 'presented');
  if (presented) return tokenName(presented.type);
  return signature?.scheme === 'jwks_uri' ? 'server key' : undefined;
}
