import { describe, expect, test } from 'vitest';
import { recordedFlow } from '../../../test/support/recorded-flows.ts';
import { storyOf } from '../words/story.ts';
import { applyChange } from './apply-change.ts';
import type { Flow } from './flow.ts';
import { everythingThatMatters, lanesOf, numbersOf, rowsOf } from './rows.ts';

const flow = recordedFlow('user-consent');
const shown = rowsOf(flow, everythingThatMatters).flatMap((row) => (row.kind === 'exchange' ? [row] : []));

describe('the rows of the drawing', () => {
  test('are numbered one by one; what is hidden has the number before it, with a letter', () => {
    expect(shown.map(({ number }) => number)).toEqual(shown.map((_row, at) => String(at + 1)));
    const numbers = [...numbersOf(flow.exchanges).values()];
    expect(new Set(numbers).size).toBe(flow.exchanges.length);
    expect(numbers.slice(0, 3)).toEqual(['1', '1a', '1b']);
  });

  test('keep their numbers when more is shown', () => {
    const all = rowsOf(flow, { hidden: new Set(), discovery: true, polling: true });
    const numbers = new Map(all.flatMap((row) => (row.kind === 'exchange' ? [[row.exchange.id, row.number]] : [])));
    for (const { exchange, number } of shown) expect(numbers.get(exchange.id)).toBe(number);
  });

  test('say how long nothing began, and whether that was for the person', () => {
    const gaps = rowsOf(flow, everythingThatMatters).filter((row) => row.kind === 'gap');
    expect(gaps[0]).toMatchObject({ forPerson: true });
    expect(gaps[0]?.seconds).toBeGreaterThan(1);
  });

  test('end with the wait for the person while it lasts', () => {
    const asked = flow.exchanges.findIndex(({ requirement }) => requirement?.name === 'interaction');
    const going: Flow = { ...flow, ended_at: null, exchanges: flow.exchanges.slice(0, asked + 1) };
    expect(rowsOf(going, everythingThatMatters).at(-1)).toEqual({
      kind: 'gap',
      before: 'end',
      seconds: null,
      forPerson: true,
    });
  });

  test('are indented by the calls that they are inside of', () => {
    const depths = new Map(shown.map(({ exchange, depth }) => [`${exchange.from} ${exchange.to}`, depth]));
    expect(depths.get('supply-chain-backend person-server')).toBe(0);
    expect(depths.get('resource-proxy supply-chain-agent')).toBe(1);
    expect(depths.get('supply-chain-agent person-server')).toBe(2);
  });

  test('have lanes for those alone who have something to do with them', () => {
    const consent = rowsOf(flow, {
      ...everythingThatMatters,
      hidden: new Set(['success', 'exchange', 'challenge', 'other']),
    });
    expect(lanesOf(flow, consent)).toEqual(['person', 'supply-chain-backend', 'person-server']);
  });
});

test('changes add up to the flow, in whatever pieces they come', () => {
  const { exchanges, ...head } = flow;
  const order = exchanges.map(({ id }) => id);
  const half = Math.floor(exchanges.length / 2);
  let known = applyChange(undefined, { head, exchanges: exchanges.slice(half), order: order.slice(half) });
  known = applyChange(known, { head, exchanges: exchanges.slice(0, half), order });
  expect(known).toEqual(flow);
});

test.each(['identity', 'user-consent'] as const)('every exchange of a real run is told of: %s', (kind) => {
  const recorded = recordedFlow(kind);
  const untold = recorded.exchanges.filter(
    (exchange) => storyOf(exchange, recorded).section === undefined && !exchange.polling,
  );
  // What the page itself asks of the backend is no part of the protocol.
  expect(untold.map(({ from, to }) => `${from} ${to}`)).toEqual(['supply-chain-ui supply-chain-backend']);
});
