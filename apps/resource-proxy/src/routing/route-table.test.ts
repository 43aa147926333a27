import { expect, test } from 'vitest';
import type { Listener, Route, RouteMatch } from '../configuration/routes.ts';
import { createRouteTable } from './route-table.ts';

function route(name: string, ...matches: RouteMatch[]): Route {
  return {
    name,
    matches,
    protection: undefined,
    a2a: false,
    cors: undefined,
    authority: undefined,
    timeout: undefined,
    backend: 'localhost:1',
  };
}

const exact = (path: string, method?: string): RouteMatch => ({ path: { exact: path }, method });
const prefix = (path: string, method?: string): RouteMatch => ({ path: { prefix: path }, method });

const listeners: Listener[] = [
  { hostname: undefined, routes: [route('anywhere', prefix('/'))] },
  { hostname: '*.example', routes: [route('wild', prefix('/'))] },
  { hostname: '*.b.example', routes: [route('wilder', prefix('/'))] },
  {
    hostname: 'a.example',
    routes: [
      route('all', prefix('/')),
      route('well-known', prefix('/.well-known/')),
      route('card', exact('/.well-known/agent-card.json')),
      route('post', exact('/', 'POST')),
      route('root', exact('/')),
      route('deep', prefix('/files/deep')),
      route('files', prefix('/files')),
    ],
  },
  { hostname: 'closed.example', routes: [route('only', exact('/only', 'GET'))] },
];

const table = createRouteTable(listeners);

test.each([
  ['a.example', '/', 'POST', 'post'],
  ['a.example', '/', 'GET', 'root'],
  ['a.example', '/.well-known/agent-card.json', 'GET', 'card'],
  ['a.example', '/.well-known/jwks.json', 'GET', 'well-known'],
  ['a.example', '/.well-known', 'GET', 'well-known'],
  ['a.example', '/files', 'GET', 'files'],
  ['a.example', '/files/x', 'GET', 'files'],
  ['a.example', '/files/deep/x', 'GET', 'deep'],
  ['a.example', '/files/deeper', 'GET', 'files'],
  ['a.example', '/filesystem', 'GET', 'all'],
  ['c.example', '/', 'GET', 'wild'],
  ['x.b.example', '/', 'GET', 'wilder'],
  ['example', '/', 'GET', 'anywhere'],
  ['a.example.evil', '/', 'GET', 'anywhere'],
  ['closed.example', '/only', 'GET', 'only'],
  ['closed.example', '/only', 'POST', undefined],
  ['closed.example', '/only/', 'GET', undefined],
  ['closed.example', '/other', 'GET', undefined],
])('%s %s %s goes to %s', (host, path, method, name) => {
  expect(table.find(host, path, method)?.route.name).toBe(name);
});
