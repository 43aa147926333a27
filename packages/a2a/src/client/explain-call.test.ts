import type { Clarification } from '@aauth-stack/aauth/agent';
import { parseServerIdentifier } from '@aauth-stack/aauth/identifiers';
import { expect, it } from 'vitest';
import { explainCall } from './explain-call.ts';

const resource = parseServerIdentifier('https://agent.example', { allowLoopback: false });
const clarification: Clarification = {
  question: 'Why?',
  options: [],
  timeout: undefined,
  round: 1,
  server: parseServerIdentifier('https://ps.example', { allowLoopback: false }),
  resource,
  awaiting: 'auth-token',
  canUpdate: true,
};

it('explains a call with the request that it serves, and answers with the same', () => {
  const { justification, onClarification } = explainCall('Count the laptops.', 'to have them counted');
  expect(justification).toBe(
    'I need access to have them counted. This is the request that I serve: “Count the laptops.”',
  );
  expect(onClarification(clarification)).toEqual({
    action: 'answer',
    answer:
      'I call https://agent.example to have them counted. This is the request that I serve: “Count the laptops.” ' +
      'I know no more about it than that.',
  });
});

it('cuts a long request, so that person servers take it', () => {
  const { justification } = explainCall('laptops '.repeat(2000), 'to count');
  expect(justification.length).toBeLessThan(1200);
  expect(justification).toContain('laptops …”');
  expect(explainCall(`${'x'.repeat(999)}😀 and more`, 'to count').justification).toContain('x\ufffd…”');
});
