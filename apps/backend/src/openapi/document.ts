import { z } from 'zod';
import { startRequestSchema } from '../runs/start-request.ts';

interface Route {
  method: 'get' | 'post' | 'delete';
  path: string;
  summary: string;
  /** Status codes beside 200. */
  refusals?: Readonly<Record<number, string>>;
  body?: boolean;
}

const unknownRun = { 404: 'No such optimization' };

/** Every route of the API, in the order in which a reader meets them. */
export const routes: readonly Route[] = [
  { method: 'get', path: '/', summary: 'Name and version of the service' },
  { method: 'get', path: '/health', summary: 'Whether the process answers' },
  { method: 'get', path: '/healthz', summary: 'Whether the process and its database answer' },
  { method: 'get', path: '/readyz', summary: 'Whether the backend has its agent token and can start runs' },
  { method: 'get', path: '/auth/me', summary: 'Who is using the API' },
  { method: 'get', path: '/auth/health', summary: 'Whether sign-in is configured' },
  { method: 'get', path: '/auth-callback', summary: 'Page that people come back to after a decision' },
  { method: 'get', path: '/agents/status', summary: 'State of each agent' },
  { method: 'get', path: '/agents/status/{id}', summary: 'State of one agent', refusals: { 404: 'No such agent' } },
  { method: 'get', path: '/agents/activities', summary: 'Activity feed, newest first; `limit` up to 1000' },
  { method: 'delete', path: '/agents/activities', summary: 'Clear the activity feed' },
  { method: 'post', path: '/agents/start', summary: 'Kept for clients of the known demo; agents run already' },
  {
    method: 'post',
    path: '/optimization/start',
    summary: 'Start an optimization',
    body: true,
    refusals: { 422: 'The body is not what is expected' },
  },
  { method: 'get', path: '/optimization/progress/{id}', summary: 'Progress of a run', refusals: unknownRun },
  { method: 'get', path: '/optimization/results/{id}', summary: 'Results of a completed run', refusals: unknownRun },
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
  return { openapi: '3.1.0', info: { title: 'Supply Chain Agent API', version: '1.0.0' }, paths };
}

function operation({ summary, refusals = {}, path, body }: Route) {
  const parameters = path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }]
    : undefined;
  const responses = Object.fromEntries(
    Object.entries({ 200: 'Success', ...refusals }).map(([status, description]) => [status, { description }]),
  );
  const schema = z.toJSONSchema(startRequestSchema, { io: 'input' });
  return {
    summary,
    parameters,
    responses,
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
  };
}
