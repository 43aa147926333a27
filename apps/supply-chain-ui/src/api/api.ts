import { createContext, useContext } from 'react';
import type * as z from 'zod/mini';
import { RefusedError, readProblem, UnreachableError } from './errors.ts';
import { readEvents, type StreamEvent } from './event-stream.ts';

type Schema<T> = z.ZodMiniType<T>;

/** The backend's JSON interface, as whoever is signed in. */
export interface Api {
  /** @throws RefusedError | UnreachableError */
  get<T>(path: string, schema: Schema<T>, signal?: AbortSignal): Promise<T>;
  /** @throws RefusedError | UnreachableError */
  post<T>(path: string, body: object, schema: Schema<T>): Promise<T>;
  /** @throws RefusedError | UnreachableError */
  remove(path: string): Promise<void>;
  /** Server-Sent Events, until they end. @throws RefusedError | UnreachableError, or whatever breaks the stream off */
  events(path: string, signal: AbortSignal): AsyncGenerator<StreamEvent>;
}

export interface ApiOptions {
  fetch: typeof fetch;
  /** Where the backend is. */
  backend: string;
  /** The access token of whoever is signed in. */
  token: () => string | undefined;
  /** Called when the backend wants somebody to sign in, once more or at all. */
  onSignInNeeded: () => void;
}

export function createApi({ fetch, backend, token, onSignInNeeded }: ApiOptions): Api {
  async function send(path: string, init: RequestInit = {}, accept = 'application/json'): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('accept', accept);
    const bearer = token();
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
    const response = await fetch(new URL(path, backend), { ...init, headers, credentials: 'omit' }).catch(
      (cause: unknown) => {
        if (init.signal?.aborted) throw cause;
        throw new UnreachableError(`The backend is not answering at ${backend}.`, { cause });
      },
    );
    if (response.ok) return response;
    const problem = await readProblem(response);
    if (problem instanceof RefusedError && problem.status === 401) onSignInNeeded();
    throw problem;
  }

  async function read<T>(response: Response, schema: Schema<T>): Promise<T> {
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new UnreachableError('The backend is of another version than this page. Load the page again.', {
      cause: parsed.error,
    });
  }

  return {
    get: async (path, schema, signal) => read(await send(path, { signal: signal ?? null }), schema),
    post: async (path, body, schema) => {
      const headers = { 'content-type': 'application/json' };
      return read(await send(path, { method: 'POST', headers, body: JSON.stringify(body) }), schema);
    },
    remove: async (path) => void (await send(path, { method: 'DELETE' })),
    async *events(path, signal) {
      const response = await send(path, { signal, cache: 'no-store' }, 'text/event-stream');
      if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
        throw new UnreachableError('The backend sent no event stream.');
      }
      yield* readEvents(response.body);
    },
  };
}

const ApiContext = createContext<Api | undefined>(undefined);

export const ApiProvider = ApiContext;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('useApi is used outside of an ApiProvider.');
  return api;
}
