import { randomBytes } from 'node:crypto';
import { interactionLink } from '@aauth-stack/aauth/agent';
import { createInteractionCode, normalizeInteractionCode, type Pending } from '@aauth-stack/aauth/deferred';
import { DeferredError, IdentifierError } from '@aauth-stack/aauth/errors';
import { type IdentifierPolicy, parseEndpointUrl } from '@aauth-stack/aauth/identifiers';
import type { RequirementInit } from '@aauth-stack/aauth/requirement';
import type { HeldCall } from '@aauth-stack/aauth/resource';

export interface InteractionRelayOptions {
  /** This agent's identifier, below which its pages are. */
  identifier: string;
  /** Origins to which people may be sent back. */
  callbackOrigins: readonly string[];
  identifiers: IdentifierPolicy;
}

/** What somebody brings who opens the page of an interaction. */
interface Visitor {
  code: string;
  /** Where the caller's agent wants the person to be sent back to. */
  callback: string | undefined;
  /** What an earlier visit left in the browser. */
  browser: string | undefined;
}

/** How a visitor goes on. */
export interface SentOn {
  /** The code that the visitor came with, as it was given out. */
  code: string;
  /** Where the decision is made, with the code that is shown there. */
  next: { url: string; code: string };
  /** What to leave in the browser. */
  browser: string;
}

type Visit = SentOn | 'settled' | 'invalid';

/**
 * The interactions that this agent passes on to its callers (AAuth Protocol, "Interaction Chaining"): each has a code and a page of its
 * own, which sends the person on to the page that this agent was told of, and a way back.
 */
export interface InteractionRelay {
  /** What the caller of a held call is told, so that the person gets to what `pending` requires; undefined when that is no interaction. */
  ask(held: HeldCall, pending: Pending): RequirementInit | undefined;
  /** Notes that nothing is to be decided any more. */
  settle(id: string): void;
  /** @param id of the held call */
  visit(id: string, visitor: Visitor): Visit;
  /** Where to send a person who comes back, with what happened; undefined when nobody said where to. */
  wayBack(id: string, browser: string | undefined, error: string | undefined): string | undefined;
}

interface Interaction {
  readonly held: HeldCall;
  /** What this agent was told. */
  pending: Pending;
  /** What its caller is told instead. */
  code: string;
  wrongGuesses: number;
  isSettled: boolean;
  /** The browser that the code has been used up by. */
  usedBy: string | undefined;
  /** Who was sent on last, with this code or an earlier one. */
  sentOn: { readonly browser: string; readonly callback: string | undefined } | undefined;
}

const maxInteractions = 1000;
const maxWrongGuesses = 10;
const callbackErrors = [
  'access_denied',
  'user_abandoned',
  'server_error',
  'temporarily_unavailable',
  'interaction_expired',
];

export const callbackPath = '/interaction/callback';

export function createInteractionRelay(options: InteractionRelayOptions): InteractionRelay {
  const { identifier, identifiers, callbackOrigins } = options;
  const interactions = new Map<string, Interaction>();

  function remember(id: string, interaction: Interaction): void {
    interactions.set(id, interaction);
    const [oldest] = interactions.keys();
    if (interactions.size > maxInteractions && oldest !== undefined) interactions.delete(oldest);
  }

  function linkOf({ held, pending }: Pick<Interaction, 'held' | 'pending'>) {
    const callback = `${new URL(callbackPath, identifier).href}?call=${held.id}`;
    return interactionLink(pending, { identifiers, callback });
  }

  function requirementOf({ held, code }: Interaction): RequirementInit {
    const url = new URL(`/interaction/${held.id}`, identifier).href;
    return { requirement: 'interaction', parameters: { url, code } };
  }

  function isAdmitted(callback: string): boolean {
    try {
      return callbackOrigins.includes(parseEndpointUrl(callback, identifiers).origin);
    } catch (error) {
      if (error instanceof IdentifierError) return false;
      throw error;
    }
  }

  function guessWrong(interaction: Interaction): void {
    interaction.wrongGuesses += 1;
    if (interaction.wrongGuesses < maxWrongGuesses) return;
    const detail = `The code of this call was guessed wrong ${maxWrongGuesses} times.`;
    interaction.held.fail(new DeferredError('invalid_code', detail));
    interactions.delete(interaction.held.id);
  }

  return {
    ask(held, pending) {
      const link = linkOf({ held, pending });
      if (!link) return undefined;
      const known = interactions.get(held.id);
      // The same question again, for instance after the person asked something, keeps its code.
      if (known && !known.isSettled && linkOf(known)?.url === link.url) return requirementOf(known);
      const interaction = {
        held,
        pending,
        code: createInteractionCode(),
        wrongGuesses: 0,
        isSettled: false,
        usedBy: undefined,
        sentOn: known?.sentOn,
      };
      remember(held.id, interaction);
      return requirementOf(interaction);
    },

    settle(id) {
      const interaction = interactions.get(id);
      if (interaction) interaction.isSettled = true;
    },

    visit(id, { code, callback, browser }) {
      const interaction = interactions.get(id);
      if (!interaction) return 'invalid';
      if (normalizeInteractionCode(code) !== normalizeInteractionCode(interaction.code)) {
        guessWrong(interaction);
        return 'invalid';
      }
      // A code is used up by the first browser that brings it, which may come again.
      if (interaction.usedBy !== undefined && interaction.usedBy !== browser) return 'invalid';
      const link = interaction.isSettled ? undefined : linkOf(interaction);
      if (!link) return 'settled';
      const known = browser ?? randomBytes(16).toString('base64url');
      const admitted = callback !== undefined && isAdmitted(callback) ? callback : undefined;
      interaction.usedBy = known;
      interaction.sentOn = { browser: known, callback: admitted };
      return { code: interaction.code, next: link, browser: known };
    },

    wayBack(id, browser, error) {
      const { sentOn } = interactions.get(id) ?? {};
      if (!sentOn?.callback || sentOn.browser !== browser) return undefined;
      const callback = new URL(sentOn.callback);
      if (error !== undefined)
        callback.searchParams.set('error', callbackErrors.includes(error) ? error : 'server_error');
      return callback.href;
    },
  };
}
