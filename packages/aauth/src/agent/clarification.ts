import type { Pending } from '../deferred/poll.ts';
import { DeferredError, RequestError } from '../errors.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import { isNetworkFailure } from '../network-failure.ts';
import { peerText } from '../peer-text.ts';
import { discardBody } from '../response-body.ts';
import type { SharedEvent } from './agent.ts';
import type { DeferredEvent } from './agent-events.ts';
import { abortable } from './signer.ts';

/** A question about a pending request, mostly the person's (AAuth Protocol, "Clarification Chat"). */
export interface Clarification {
  /** Markdown of whoever asks: untrusted. */
  readonly question: string;
  /** The answers to choose from, where there is a choice. */
  readonly options: readonly string[];
  /** Seconds until the server gives up, where it says so. */
  readonly timeout: number | undefined;
  /** Counts the questions about this request, from 1. */
  readonly round: number;
  /** Who asks. */
  readonly server: ServerIdentifier;
  /** The resource that the request is about. */
  readonly resource: ServerIdentifier;
  readonly awaiting: DeferredEvent['awaiting'];
  /** Whether `update` is a possible reply: the request is for an auth token. */
  readonly canUpdate: boolean;
}

/**
 * - `answer`: Markdown, shown to the person as the agent's word
 * - `update`: asks for these scopes instead; the resource is asked for a resource token that names them
 * - `cancel`: takes the request back; the call fails with DeferredError `abandoned`
 */
export type ClarificationReply =
  | { readonly action: 'answer'; readonly answer: string }
  | { readonly action: 'update'; readonly scope: readonly string[]; readonly justification?: string }
  | { readonly action: 'cancel' };

/** Replies to a question; `undefined` leaves it unanswered. What it throws fails the call. */
export type ClarificationHandler = (
  clarification: Clarification,
) => ClarificationReply | undefined | Promise<ClarificationReply | undefined>;

interface ClarifierOptions {
  readonly handler: ClarificationHandler | undefined;
  readonly resource: ServerIdentifier;
  readonly of: Pick<DeferredEvent, 'awaiting' | 'server'>;
  readonly signal: AbortSignal;
  readonly emit: (event: SharedEvent) => void;
  /** Sends a request to the pending URL, signed as the polls are. */
  readonly send: (url: URL, init: RequestInit) => Promise<Response>;
  /** Makes the members of an `updated_request`; absent where a request cannot be updated. */
  readonly update?: (scope: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

// As many as person servers are to allow (AAuth Protocol, "Clarification Limits").
const maxRounds = 5;

/**
 * Replies to the questions about one pending request, five of them at most (AAuth Protocol, "Agent Response to Clarification"). A
 * reply that does not arrive is made again when the question comes again, and counts.
 *
 * @returns to be called for every 202
 * @throws DeferredError `abandoned` from the function returned, once it has taken the request back
 */
export function createClarifier(options: ClarifierOptions): (pending: Pending) => Promise<void> {
  const { handler, resource, of, signal, emit, send, update } = options;
  let round = 0;

  async function deliver(location: URL, reply: ClarificationReply): Promise<Response> {
    switch (reply.action) {
      case 'answer':
        return post(location, { action: 'clarification_response', clarification_response: reply.answer });
      case 'update': {
        if (!update) throw new RequestError('invalid_request', 'Only a request for an auth token can be updated.');
        const { scope, justification } = reply;
        return post(location, { action: 'updated_request', ...(await update(scope)), justification });
      }
      case 'cancel':
        return send(location, { method: 'DELETE' });
    }
  }

  function post(location: URL, body: Readonly<Record<string, unknown>>): Promise<Response> {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    return send(location, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  return async ({ requirement, location, body }) => {
    const { clarification: question } = body;
    if (requirement?.requirement !== 'clarification' || typeof question !== 'string') return;
    if (!handler || round >= maxRounds) return;
    round += 1;
    const clarification = {
      ...readClarification(body),
      question,
      round,
      resource,
      ...of,
      canUpdate: update !== undefined,
    };
    const reply = await abortable(Promise.resolve(handler(clarification)), signal);
    if (!reply) return;
    const response = await deliver(location, reply).catch((error: unknown) => {
      if (signal.aborted || !isNetworkFailure(error)) throw error;
    });
    if (!response) return;
    await discardBody(response);
    emit({ type: 'clarified', ...of, question, reply, status: response.status });
    if (reply.action === 'cancel') {
      throw new DeferredError(
        'abandoned',
        `The agent took its request back when it was asked: ${peerText(question, 200)}`,
      );
    }
  };
}

function readClarification({ options, timeout }: Pending['body']): Pick<Clarification, 'options' | 'timeout'> {
  return {
    options: Array.isArray(options) ? options.filter((option) => typeof option === 'string') : [],
    timeout: typeof timeout === 'number' && timeout >= 0 ? timeout : undefined,
  };
}
