import { z } from 'zod';
import { startRequestSchema } from '../runs/start-request.ts';

interface Route {
  method: 'get' | 'post' | 'delete';
  path: string;
  summary: string;
  /** Names of query parameters. */
  query?: readonly string[];
  /** Media type of the answer when it is not JSON. */
  produces?: string;
  /** Status code of success when it is not 200. */
  success?: 204;
  /** Status codes beside that of success and those of the sign-in. */
  refusals?: Readonly<Record<number, string>>;
  body?: boolean;
  /** Whether whoever signed in is asked for, where somebody has to. */
  isPublic?: boolean;
}

const unknownRun = { 404: 'No such optimization' };
const paged = ['limit', 'before'];

/** Every route of the API, in the order in which a reader meets them. */
export const routes: readonly Route[] = [
  { method: 'get', path: '/', summary: 'Name and version of the service', isPublic: true },
  { method: 'get', path: '/health', summary: 'Whether the process answers', isPublic: true },
  { method: 'get', path: '/healthz', summary: 'Whether the process and its database answer', isPublic: true },
  {
    method: 'get',
    path: '/readyz',
    summary: 'Whether the backend has its agent token and can start runs',
    refusals: { 503: 'Not yet; `checks` says why' },
    isPublic: true,
  },
  {
    method: 'get',
    path: '/config',
    summary: 'What pages need to know: where to sign in, where the person decides, where the traces are',
    isPublic: true,
  },
  {
    method: 'get',
    path: '/agents/self',
    summary: 'Whether this service’s agent is approved, and where to approve it',
    isPublic: true,
  },
  { method: 'get', path: '/auth/health', summary: 'Whether sign-in is configured', isPublic: true },
  {
    method: 'get',
    path: '/auth-callback',
    summary: 'Page that people come back to after a decision',
    query: ['request_id', 'error'],
    produces: 'text/html',
    isPublic: true,
  },
  { method: 'get', path: '/auth/me', summary: 'Who is using the API' },
  {
    method: 'get',
    path: '/flows',
    summary: 'The last runs of which it is known what happened on the wire, newest first',
    query: ['limit'],
  },
  {
    method: 'get',
    path: '/flows/{id}',
    summary: 'What happened on the wire during a run; with `download` to keep as a file',
    query: ['download'],
    refusals: unknownRun,
  },
  {
    method: 'get',
    path: '/flows/{id}/events',
    summary: 'The same as it happens',
    produces: 'text/event-stream',
    refusals: unknownRun,
  },
  { method: 'get', path: '/agents/status', summary: 'State of each agent' },
  { method: 'get', path: '/agents/status/{id}', summary: 'State of one agent', refusals: { 404: 'No such agent' } },
  {
    method: 'get',
    path: '/agents/activities',
    summary: 'Activity feed, newest first; `before` is the id of an activity, `limit` up to 1000',
    query: paged,
  },
  { method: 'delete', path: '/agents/activities', summary: 'Empty the activity feed; runs keep what they did' },
  { method: 'post', path: '/agents/start', summary: 'Kept for clients of the known demo; agents run already' },
  {
    method: 'post',
    path: '/optimization/start',
    summary: 'Start an optimization',
    body: true,
    refusals: { 413: 'The body is too long', 422: 'The body is not what is expected' },
  },
  { method: 'get', path: '/optimization/progress/{id}', summary: 'Progress of a run', refusals: unknownRun },
  {
    method: 'get',
    path: '/optimization/progress/{id}/events',
    summary: 'Progress of a run as Server-Sent Events until its end; goes on after `Last-Event-ID`',
    query: ['last_event_id'],
    produces: 'text/event-stream',
    refusals: { 204: 'The end of the run has been told', ...unknownRun },
  },
  { method: 'get', path: '/optimization/results/{id}', summary: 'Results of a completed run', refusals: unknownRun },
  {
    method: 'post',
    path: '/optimization/cancel/{id}',
    summary: 'Give a run up',
    refusals: { ...unknownRun, 409: 'It has ended already' },
  },
  {
    method: 'post',
    path: '/optimization/retry/{id}',
    summary: 'Start a run that failed once more',
    refusals: { ...unknownRun, 409: 'It has not failed' },
  },
  {
    method: 'get',
    path: '/optimization/runs',
    summary: 'Runs, newest first; `before` is the `next` of the page before, `status` completed, failed or active',
    query: [...paged, 'status'],
  },
  {
    method: 'get',
    path: '/optimization/runs/{id}',
    summary: 'Progress and results of a run',
    refusals: unknownRun,
  },
  {
    method: 'delete',
    path: '/optimization/runs/{id}',
    summary: 'Forget a run that has ended',
    success: 204,
    refusals: { ...unknownRun, 409: 'It has not ended' },
  },
  { method: 'get', path: '/optimization/all', summary: 'Progress of all runs, newest first' },
  { method: 'delete', path: '/optimization/clear', summary: 'Forget the runs that have ended' },
  { method: 'get', path: '/optimization/test-a2a-connection', summary: 'Send the supply-chain agent a message' },
];

/** The OpenAPI 3.1 description, its request body taken from the schema that validates it. */
export function openApiDocument() {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Supply Chain Agent API', version: '1.0.0' },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
}

function operation({ summary, path, body, isPublic, ...route }: Route) {
  const { query = [], produces = 'application/json', success = 200, refusals = {} } = route;
  const inPath = path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : [];
  const inQuery = query.map((name) => ({ name, in: 'query', schema: { type: 'string' } }));
  const signIn = isPublic ? {} : { 401: 'Nobody has signed in, where somebody has to' };
  const refused = Object.entries({ ...signIn, ...refusals }).map(([status, description]) => [status, { description }]);
  const content = success === 204 ? {} : { content: { [produces]: {} } };
  const schema = z.toJSONSchema(startRequestSchema, { io: 'input' });
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    responses: { [success]: { description: 'Success', ...content }, ...Object.fromEntries(refused) },
    // Nobody has to sign in unless the service is configured so.
    ...(!isPublic && { security: [{ bearer: [] }, {}] }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
  };
}
