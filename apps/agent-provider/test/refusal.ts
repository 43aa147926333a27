import { expect } from 'vitest';
import type { WireRequest } from './agent.ts';
import { asPersonServer, type World } from './world.ts';

/** The refusal's status and headers, what the log says, and that no token was issued and no enrolment opened. */
export async function expectRefusal(
  world: World,
  request: WireRequest,
  expected: { status?: number; code: string; headers?: Record<string, string> },
): Promise<void> {
  const before = await stateOf(world);
  const linesBefore = world.log.lines().length;
  const response = await world.send(request);
  const { status = 401, code, headers = {} } = expected;
  expect(await response.json()).toMatchObject({ error: code, status });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  if (status === 401) expect(response.headers.get('signature-error')).toMatch(new RegExp(`^error=${code}`));
  for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
  const lines = world.log.lines().slice(linesBefore);
  expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', code, status }));
  expect(JSON.stringify(lines)).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]/);
  expect(await stateOf(world)).toEqual(before);
}

async function stateOf(world: World) {
  const registrations = await (await asPersonServer(world, 'GET', 'registrations')).json();
  const bindings = await (await asPersonServer(world, 'GET', 'bindings')).json();
  const issued = world.log.lines().filter(({ msg }) => String(msg).startsWith('issued an agent token'));
  return { registrations, bindings, issued: issued.length };
}
