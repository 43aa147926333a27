import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { RequestError } from '@aauth-stack/aauth/errors';
import { toProblem } from '@aauth-stack/aauth/problem';
import { currentSpan, setHttpRoute } from '@aauth-stack/telemetry';
import type { RouteMatch } from '../configuration/routes.ts';
import type { ProtectedResource } from '../resources/protected-resource.ts';
import { checkFraming } from '../routing/request-framing.ts';
import { parseRequestTarget, type RequestTarget } from '../routing/request-target.ts';
import type { RouteMatched, RouteTable } from '../routing/route-table.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { type Exchange, type ForwardingTools, runExchange } from './exchange.ts';
import type { NamedCall } from './named-call.ts';
import { sendProblem } from './response.ts';
import { UpstreamError } from './upstream.ts';

export interface GatewayOptions extends ForwardingTools {
  readonly routes: RouteTable;
  /** By id. */
  readonly resources: ReadonlyMap<string, ProtectedResource>;
}

/** What the access log tells of a request beside its status. */
interface Access {
  host?: string;
  path?: string;
  route?: string;
}

/** Answers what comes in on a gateway port. */
export function createGateway(options: GatewayOptions): RequestListener {
  const { routes, log } = options;

  return async function answer(request, response) {
    const started = performance.now();
    const access: Access = {};
    const client = new AbortController();
    let cors: Readonly<Record<string, string>> = {};
    response.once('close', () => {
      if (!response.writableFinished) client.abort();
      logAccess(request, response, access, performance.now() - started);
    });
    try {
      checkFraming(request);
      const target = parseRequestTarget(request.url ?? '', request.rawHeaders);
      Object.assign(access, { host: target.authority, path: target.path });
      if (answersPreflight(request, response, target)) return;
      const found = routes.find(target.host, target.path, request.method ?? '');
      if (!found) throw new RequestError('not_found', 'No route leads to this host and path.', { status: 404 });
      const { route } = found;
      access.route = route.name;
      setHttpRoute(pattern(found.match));
      cors = route.cors ? corsHeaders(route.cors, request.headers.origin) : {};
      const onCall = ({ attributes }: NamedCall) => {
        Object.assign(access, attributes);
        currentSpan()?.setAttributes({ ...attributes });
      };
      const guard = guardOf(found);
      const { signal } = client;
      await runExchange({ request, response, target, route, guard, cors, started, signal, onCall }, options);
    } catch (error) {
      if (!client.signal.aborted) refuse(request, response, error, cors);
    }
  };

  function answersPreflight(request: IncomingMessage, response: ServerResponse, target: RequestTarget): boolean {
    if (!isPreflight(request.method ?? '', request.headers)) return false;
    const policy = routes.find(target.host, target.path, request.headers['access-control-request-method'] ?? '')?.route
      .cors;
    if (policy) response.writeHead(204, preflightHeaders(policy, request.headers)).end();
    return policy !== undefined;
  }

  function guardOf({ route: { name, protection } }: RouteMatched): Exchange['guard'] {
    if (!protection) return undefined;
    const resource = options.resources.get(protection.resourceId);
    if (!resource) throw new Error(`Route ${name} is protected as ${protection.resourceId}, which is unknown.`);
    return { resource, protection };
  }

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    cors: Readonly<Record<string, string>>,
  ): void {
    const problem = toProblem(error);
    if (error instanceof UpstreamError) log.warn({ err: error }, error.message);
    else if (problem.status >= 500) log.error({ err: error }, `${request.method} failed`);
    if (error instanceof UpstreamError) currentSpan()?.setAttribute('error.type', error.code);
    sendProblem(response, problem, cors);
  }

  function logAccess(request: IncomingMessage, response: ServerResponse, access: Access, ms: number): void {
    const { method } = request;
    const outcome = response.headersSent ? { status: response.statusCode } : {};
    const aborted = response.writableFinished ? {} : { aborted: true };
    const duration = Math.round(ms * 10) / 10;
    log.info({ method, ...access, ...outcome, ...aborted, ms: duration }, `${method} ${access.path ?? ''}`);
  }
}

function pattern({ path }: RouteMatch): string {
  return 'exact' in path ? path.exact : `${path.prefix.replace(/\/$/, '')}/*`;
}
