import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterEvents, filterJson, filterMessage } from './filter-lists.ts';
import type { ItemPolicy } from './item-policy.ts';

const policy: ItemPolicy = { isSelective: true, mayUse: () => true, mayList: (_target, { name }) => name !== 'secret' };
const listed = (...names: string[]) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: names.map((name) => ({ name })), nextCursor: 'x' } });

async function through(
  filter: ReturnType<typeof filterEvents>,
  bytes: Buffer,
  cuts: readonly number[],
): Promise<string> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
  const received: Buffer[] = [];
  await pipeline(
    Readable.from(
      pieces.filter((piece) => piece.length > 0),
      { objectMode: false },
    ),
    filter,
    async (source) => {
      for await (const piece of source) received.push(Buffer.from(piece));
    },
  );
  return Buffer.concat(received).toString();
}

describe('a message', () => {
  test.each([
    ['a list of tools', listed('echo', 'secret'), listed('echo')],
    ['a batch', `[${listed('secret')},${listed('echo')}]`, `[${listed()},${listed('echo')}]`],
    [
      'resources, by their address',
      '{"result":{"resources":[{"uri":"secret","name":"a"},{"uri":"b","name":"secret"}]}}',
      '{"result":{"resources":[{"uri":"b","name":"secret"}]}}',
    ],
  ])('%s loses what may not be seen', (_what, text, expected) => {
    expect(filterMessage(text, 'target', policy)).toBe(expected);
  });

  test.each([listed('echo'), '{"result":{"content":[{"name":"secret"}]}}', '{"result":null}', 'null', '[]', '7'])(
    '%s stays as it is',
    (text) => {
      expect(filterMessage(text, 'target', policy)).toBeUndefined();
    },
  );
});

describe('a stream', () => {
  const stream = (end: string) =>
    [
      ['id: 1', 'data: '],
      [': keep-alive'],
      ['event: message', 'id: 2', `data: ${listed('secret', 'écho')}`],
      ['data: {"jsonrpc":"2.0",', 'data: "id":2,"result":{"tools":[{"name":"secret"}]}}'],
      [`data: ${listed('echo')}`, 'retry: 5'],
    ]
      .map((lines) => [...lines, '', ''].join(end))
      .join('');

  test('is filtered the same however it is cut into pieces and its lines end', async () => {
    const expected = [
      { id: '1' },
      { event: 'message', id: '2', data: listed('écho') },
      { data: '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}' },
      { data: listed('echo'), retry: '5' },
    ];
    const cutsAnywhere = fc.array(fc.nat(2000), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cutsAnywhere, fc.constantFrom('\n', '\r\n', '\r'), async (cuts, end) => {
        const text = await through(filterEvents('target', policy), Buffer.from(stream(end)), cuts);
        expect(text).not.toContain('secret');
        expect(parse(text)).toEqual(expected);
      }),
    );
  });

  test('may hold U+2028, which ends a line for some and not for event streams', async () => {
    const text = `data: ${listed('echo\u2028', 'secret')}\n\n`;
    const filtered = await through(filterEvents('target', policy), Buffer.from(text), []);
    expect(parse(filtered)).toEqual([{ data: listed('echo\u2028') }]);
  });

  test('that ends in the middle of an event, or holds no JSON, gives nothing away', async () => {
    const open = `data: ${listed('echo', 'secret')}\n`;
    expect(await through(filterEvents('target', policy), Buffer.from(open), [])).toBe('');
    await expect(through(filterEvents('target', policy), Buffer.from('data: {"tools\n\n'), [])).rejects.toThrow();
  });
});

test('a JSON body is filtered whole', async () => {
  const body = Buffer.from(listed('echo', 'secret'));
  expect(await through(filterJson('target', policy), body, [3, 20])).toBe(listed('echo'));
  await expect(through(filterJson('target', policy), body.subarray(0, 30), [])).rejects.toThrow();
});

/** The events of a stream, without those that carry nothing. */
function parse(text: string): Record<string, string>[] {
  return text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((event) =>
      Object.fromEntries(
        event.split(/\r\n|\n|\r/).flatMap((line) => {
          const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
          return name && value ? [[name, value]] : [];
        }),
      ),
    )
    .filter((event) => Object.keys(event).length > 0);
}
