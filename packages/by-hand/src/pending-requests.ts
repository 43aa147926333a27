import type { Answer } from './http.ts';
import type { Members } from './jwt.ts';

/** A request that waits for the person, and what a test does in their place. */
export interface PendingRequest {
  readonly endpoint: string;
  /** Who asked, and may poll. */
  readonly agent: string;
  /** What was asked. */
  readonly body: Members;
  readonly code: string;
  /** What the agent answered, was asked, or wants instead. */
  readonly replies: Members[];
  /** Whether the agent took it back. */
  isTakenBack: boolean;
  approve(): void;
  /** Ends it without a token, for instance with 403 `denied`. */
  end(status: number, error: string, detail: string): void;
  ask(question: string): void;
}

export interface PendingRequests {
  /** In the order in which they came. */
  readonly all: readonly PendingRequest[];
  /** Keeps a request, or refuses one of an agent that cannot bring the person. */
  open(asked: Pick<PendingRequest, 'endpoint' | 'agent' | 'body'>, issue: () => Promise<Answer>): Answer;
  /** Answers a request to a pending URL; a poll is held until there is something to say, or for two seconds. */
  answer(request: { method: string; path: string; agent: string; body: () => Promise<Members> }): Promise<Answer>;
}

interface State {
  readonly request: PendingRequest;
  question: string | undefined;
  end: (() => Promise<Answer>) | undefined;
  news: PromiseWithResolvers<void>;
}

const holdMs = 2000;

/**
 * The pending requests of a person server whose person is a test.
 *
 * @param issuer of the person server; the pending URLs are below its `/pending/`
 */
export function createPendingRequests(issuer: () => string): PendingRequests {
  const states: State[] = [];
  const all: PendingRequest[] = [];

  function pendingOf(state: State): Answer {
    const { question, request } = state;
    const requirement = question
      ? 'requirement=clarification'
      : `requirement=interaction;url="${issuer()}/consent";code="${request.code}"`;
    return {
      status: 202,
      headers: {
        location: `/pending/${states.indexOf(state)}`,
        'retry-after': '0',
        'cache-control': 'no-store',
        'aauth-requirement': requirement,
      },
      body: { status: 'pending', ...(question && { clarification: question }) },
    };
  }

  return {
    all,

    open({ endpoint, agent, body }, issue) {
      const { capabilities } = body;
      if (!Array.isArray(capabilities) || !capabilities.includes('interaction')) {
        const detail = 'The person must be asked, and the agent cannot bring them here.';
        return { status: 403, body: { error: 'user_unreachable', detail } };
      }
      const tell = (change: Partial<State>) => Object.assign(state, change).news.resolve();
      const state: State = {
        question: undefined,
        end: undefined,
        news: Promise.withResolvers(),
        request: {
          endpoint,
          agent,
          body,
          code: `C0DE-${String(states.length).padStart(4, '0')}`,
          replies: [],
          isTakenBack: false,
          approve: () => tell({ end: issue }),
          end: (status, error, detail) => tell({ end: async () => ({ status, body: { error, detail } }) }),
          ask: (question) => tell({ question }),
        },
      };
      states.push(state);
      all.push(state.request);
      return pendingOf(state);
    },

    async answer({ method, path, agent, body }) {
      const state = states[Number(/^\/pending\/(\d+)$/.exec(path)?.[1])];
      if (state?.request.agent !== agent) return { status: 404 };
      if (method === 'DELETE') {
        state.request.isTakenBack = true;
        state.request.end(410, 'gone', 'The agent took the request back.');
        return { status: 204 };
      }
      if (method === 'POST') {
        state.request.replies.push(await body());
        state.question = undefined;
        return pendingOf(state);
      }
      if (!state.end && !state.question) {
        const timer = setTimeout(state.news.resolve, holdMs);
        await state.news.promise;
        clearTimeout(timer);
        state.news = Promise.withResolvers();
      }
      return state.end?.() ?? pendingOf(state);
    },
  };
}
