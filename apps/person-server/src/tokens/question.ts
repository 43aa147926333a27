import type { ServerIdentifier } from '@aauth-stack/aauth/identifiers';
import type { PublicJwk } from '@aauth-stack/aauth/keys';
import { tokenTypes, type VerifiedAgentToken } from '@aauth-stack/aauth/tokens';
import type { AppContext } from '../environment.ts';
import type { OwnToken } from './own-tokens.ts';
import type { TokenRecord } from './records.ts';

/** Who asks for a token. */
interface AskingAgent {
  readonly provider: ServerIdentifier;
  readonly id: string;
  /** The agent token that was presented for it. */
  readonly agentToken: VerifiedAgentToken;
  /** The key that the token is to bind. */
  readonly publicJwk: PublicJwk;
  readonly jkt: string;
  /** When the agent's right to that key ends, in seconds since the epoch. */
  readonly expiresAt: number;
}

/** A token of ours that another one is to rest on. */
export interface EarlierToken {
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * What a token is asked for, and by whom: all that has been verified of a request to a token endpoint. It is the same whether the
 * answer follows at once or after the person has decided.
 */
export interface TokenQuestion {
  readonly type: TokenRecord['type'];
  readonly resource: ServerIdentifier;
  /** What an auth token is to grant; empty for a person token. */
  readonly scope: readonly string[];
  readonly account: string | undefined;
  readonly agent: AskingAgent;
  /** What the resource was shown, for an auth token. */
  readonly presented: EarlierToken | undefined;
  /** The token on whose behalf the agent calls others, where it chains, and whose that is. */
  readonly upstream: (EarlierToken & { readonly agentId: string }) | undefined;
  /** Where the resource wants the person first. */
  readonly interaction: { readonly url: string; readonly code: string } | undefined;
  /** Why the agent wants it, in its own words. */
  readonly justification: string | undefined;
}

/** What a request for a person token asks, after the checks. */
export function personTokenQuestion(c: AppContext): TokenQuestion {
  return { ...common(c), type: tokenTypes.person, resource: c.get('resource'), scope: [], account: undefined };
}

/** What a request for an auth token asks, after the checks. */
export function authTokenQuestion(c: AppContext): TokenQuestion {
  const { issuer: resource, scope, account, interaction } = c.get('resourceToken');
  const presented = earlier(c.get('presented'));
  return { ...common(c), type: tokenTypes.auth, resource, scope, account, interaction, presented };
}

function common(c: AppContext) {
  const upstream = c.get('upstream');
  return {
    agent: askingAgent(c.get('agentToken')),
    presented: undefined,
    interaction: undefined,
    upstream: upstream && { ...earlier(upstream), agentId: upstream.record.agentId },
    justification: c.get('tokenRequest').justification,
  };
}

function askingAgent(agentToken: VerifiedAgentToken): AskingAgent {
  const { issuer: provider, agent: id, key, expiresAt } = agentToken;
  return { provider, id, agentToken, publicJwk: key.publicJwk, jkt: key.thumbprint, expiresAt };
}

function earlier({ token: { jti, expiresAt } }: OwnToken): EarlierToken {
  return { jti, expiresAt };
}
