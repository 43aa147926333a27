import { expect } from 'vitest';
import { parseRequirement } from '../../src/requirement.ts';
import { decodeTokenForDisplay } from '../../src/tokens/jwt.ts';
import type { TestResponse } from './requests.ts';

/** The resource token of a challenge, whose response has nothing to do with the signature. */
export function resourceTokenOf(response: TestResponse) {
  expect(response.status).toBe(401);
  expect(response.headers).not.toHaveProperty('signature-error');
  const requirement = parseRequirement(`${response.headers['aauth-requirement']}`);
  expect(requirement?.requirement).toBe('auth-token');
  const compact = requirement?.parameters['resource-token'] ?? '';
  return { compact, ...decodeTokenForDisplay(compact) };
}

/** What starts an agent from the person again. */
export function expectPersonTokenRequired(response: TestResponse): void {
  expect(response.status).toBe(401);
  expect(response.headers['aauth-requirement']).toBe('requirement=person-token');
}
