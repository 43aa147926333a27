import { createContext, useContext } from 'react';
import type * as z from 'zod/mini';
import { isSessionEnd, readProblem, UnreachableError } from './errors.ts';

type Schema<T> = z.ZodMiniType<T>;

interface Change {
  method: 'POST' | 'PATCH' | 'DELETE';
  body?: object;
}

/** The Person Server's JSON interface, with the person's session. */
export interface Api {
  /** @throws RefusedError | UnreachableError */
  get<T>(path: string, schema: Schema<T>): Promise<T>;
  /** @throws RefusedError | UnreachableError */
  change(path: string, change: Change): Promise<void>;
  /** A change whose answer says something. @throws RefusedError | UnreachableError */
  changeAndRead<T>(path: string, change: Change, schema: Schema<T>): Promise<T>;
}

export interface ApiOptions {
  fetch: typeof fetch;
  csrfToken: () => string | undefined;
  /** Where the Person Server is, for a message when it is not. */
  origin: string;
  /** Called when the session turns out to have ended. */
  onSessionEnded: () => void;
}

export function createApi({ fetch, csrfToken, origin, onSessionEnded }: ApiOptions): Api {
  async function send(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(path, { ...init, credentials: 'same-origin' }).catch((cause: unknown) => {
      throw new UnreachableError(
        `The Person Server is not answering at ${origin}. Start the stack with scripts/start-infra.sh.`,
        { cause },
      );
    });
    if (response.ok) return response;
    const problem = await readProblem(response);
    if (isSessionEnd(problem)) onSessionEnded();
    throw problem;
  }

  async function read<T>(response: Response, schema: Schema<T>): Promise<T> {
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new UnreachableError('The Person Server is of another version than this page. Load the page again.', {
      cause: parsed.error,
    });
  }

  function sendChange(path: string, { method, body }: Change): Promise<Response> {
    const token = csrfToken();
    return send(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { 'x-csrf-token': token }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  return {
    get: async (path, schema) => read(await send(path, { headers: { accept: 'application/json' } }), schema),
    change: async (path, change) => void (await sendChange(path, change)),
    changeAndRead: async (path, change, schema) => read(await sendChange(path, change), schema),
  };
}

const ApiContext = createContext<Api | undefined>(undefined);

export const ApiProvider = ApiContext;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('useApi is used outside of an ApiProvider.');
  return api;
}
