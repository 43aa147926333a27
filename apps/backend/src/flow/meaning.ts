import { tokenTypes } from '@aauth-stack/aauth/tokens';
import type { ExchangeFacts } from './exchange.ts';
import type { Meaning } from './flow.ts';

/** What an exchange is in the protocol; its answer decides, where there is one. */
export function meaningOf(exchange: ExchangeFacts, decided: boolean): Meaning {
  const { status, ended_at, requirement, discovery, tokens, signature, decision, forwarded } = exchange;
  const isPending = status === 202 && exchange.response_headers.some(([name]) => name === 'location');
  if (decided) return decision?.result === 'approved' ? 'consent' : 'refusal';
  if (ended_at !== null && status === null) return 'refusal';
  if (status === 401 && requirement !== null) return 'challenge';
  if (status !== null && status >= 400) return 'refusal';
  if (status === 202 && requirement !== null) return requirement.name === 'auth-token' ? 'challenge' : 'consent';
  if (isPending) return 'consent';
  if (discovery) return 'other';
  if (tokens.some(({ role }) => role === 'issued')) return 'exchange';
  const presented = tokens.find(({ role }) => role === 'presented')?.type;
  if (status === null) return signature === null ? 'other' : presentedMeaning(presented);
  if (signature !== null && signature.result === 'verified') return presentedMeaning(presented);
  return forwarded || presented !== undefined ? 'success' : 'other';
}

function presentedMeaning(type: string | undefined): Meaning {
  return type === tokenTypes.person || type === tokenTypes.auth ? 'success' : 'identity';
}
