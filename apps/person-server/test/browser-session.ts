import { type Deployment, portalToken } from './deployment.ts';

/** What a browser does for our pages, without a browser: keeps the cookie, sends `Origin` and the session's token. */
export interface BrowserSession {
  cookie: string;
  csrfToken: string;
  get(path: string): Promise<Response>;
  change(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    options?: { body?: unknown; csrfToken?: string; origin?: string; headers?: Record<string, string> },
  ): Promise<Response>;
}

export function jsonBody(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export function sendSignIn(
  deployment: Deployment,
  token: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return deployment.request('/person/session', jsonBody('POST', { token }, { origin: deployment.origin, ...headers }));
}

/** The cookie that a response sets, as a later request sends it. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

export async function signIn(deployment: Deployment, headers: Record<string, string> = {}): Promise<BrowserSession> {
  const response = await sendSignIn(deployment, portalToken, headers);
  const cookie = cookieOf(response);
  const csrfToken = String(Object(await response.json()).csrf_token);
  return {
    cookie,
    csrfToken,
    get: (path) => deployment.request(path, { headers: { cookie } }),
    change: (method, path, options = {}) => {
      const { body, origin = deployment.origin } = options;
      const sent = { cookie, origin, 'x-csrf-token': options.csrfToken ?? csrfToken, ...options.headers };
      return deployment.request(path, body === undefined ? { method, headers: sent } : jsonBody(method, body, sent));
    },
  };
}
