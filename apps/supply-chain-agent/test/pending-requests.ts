import { pendingResponse } from '@aauth-stack/aauth/deferred';
import { type AAuthError, PolicyError } from '@aauth-stack/aauth/errors';
import { problemResponse } from '@aauth-stack/aauth/problem';

/** A request that waits for the person, and what the test does in their place. */
export interface Waiting {
  readonly endpoint: string;
  readonly agent: string;
  readonly code: string;
  readonly justification: string | undefined;
  /** What the agent answered. */
  readonly answers: string[];
  approve(): void;
  end(error: AAuthError): void;
  ask(question: string): void;
}

interface Asked {
  readonly endpoint: string;
  readonly agent: string;
  readonly capabilities: readonly string[];
  readonly justification?: string | undefined;
}

interface PendingRequest {
  readonly agent: string;
  readonly code: string;
  readonly answers: string[];
  question: string | undefined;
  result: (() => Promise<Response>) | undefined;
  news: PromiseWithResolvers<void>;
}

const holdMs = 2000;

/** The requests of a person server that wait for the person; polls of them are held until something happens. */
export function createPendingRequests(issuer: string) {
  const waiting: Waiting[] = [];
  const requests: PendingRequest[] = [];

  function pendingOf(request: PendingRequest): Response {
    const { question, code } = request;
    const parameters = { url: `${issuer}/consent`, code };
    const { status, headers, body } = pendingResponse({
      location: `/pending/${requests.indexOf(request)}`,
      retryAfter: 0,
      requirement: question ? { requirement: 'clarification' } : { requirement: 'interaction', parameters },
      members: question ? { clarification: question } : {},
    });
    return new Response(body, { status, headers });
  }

  return {
    /** In the order in which they came. */
    waiting,

    open({ endpoint, agent, capabilities, justification }: Asked, issue: () => Promise<Response>): Response {
      if (!capabilities.includes('interaction')) {
        throw new PolicyError('user_unreachable', 'The person must be asked, and the agent cannot bring them here.');
      }
      const code = `C0DE-000${requests.length}`;
      const answers: string[] = [];
      const news = Promise.withResolvers<void>();
      const request: PendingRequest = { agent, code, answers, question: undefined, result: undefined, news };
      requests.push(request);
      const tell = (change: Partial<PendingRequest>) => Object.assign(request, change).news.resolve();
      waiting.push({
        endpoint,
        agent,
        code,
        justification,
        answers,
        approve: () => tell({ result: issue }),
        end: (error) => tell({ result: async () => problemResponse(error) }),
        ask: (question) => tell({ question }),
      });
      return pendingOf(request);
    },

    async answer(request: Request, index: number, agent: string): Promise<Response> {
      const pending = requests[index];
      if (pending?.agent !== agent) return new Response(null, { status: 404 });
      if (request.method === 'POST') {
        const { clarification_response }: { clarification_response?: unknown } = Object(await request.json());
        pending.answers.push(`${clarification_response}`);
        pending.question = undefined;
        return pendingOf(pending);
      }
      if (!pending.result && !pending.question) {
        const timer = setTimeout(pending.news.resolve, holdMs);
        await pending.news.promise;
        clearTimeout(timer);
        pending.news = Promise.withResolvers();
      }
      return pending.result?.() ?? pendingOf(pending);
    },
  };
}
