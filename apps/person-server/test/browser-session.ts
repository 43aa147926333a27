import { type Deployment, portalToken } from './deployment.ts';

/** What a browser does with our pages, without a browser: keeps the cookie, sends `Origin`, posts forms with their fields. */
export interface BrowserSession {
  cookie: string;
  csrfToken: string;
  get(path: string): Promise<Response>;
  post(
    path: string,
    options?: {
      csrfToken?: string;
      origin?: string;
      headers?: Record<string, string>;
      fields?: Record<string, string>;
    },
  ): Promise<Response>;
}

export function postForm(
  deployment: Deployment,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string>,
) {
  return deployment.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

export function sendSignIn(
  deployment: Deployment,
  token: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return postForm(deployment, '/ui/sign-in', { token }, { origin: deployment.origin, ...headers });
}

/** The cookie that a response sets, as a later request sends it. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

export async function signIn(deployment: Deployment): Promise<BrowserSession> {
  const cookie = cookieOf(await sendSignIn(deployment, portalToken));
  const get = (path: string) => deployment.request(path, { headers: { cookie } });
  const page = await (await get('/ui')).text();
  const csrfToken = /name="csrf_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return {
    cookie,
    csrfToken,
    get,
    post: (path, options = {}) => {
      const { origin = deployment.origin, headers = {}, fields = {} } = options;
      const form = { ...fields, csrf_token: options.csrfToken ?? csrfToken };
      return postForm(deployment, path, form, { cookie, origin, ...headers });
    },
  };
}
