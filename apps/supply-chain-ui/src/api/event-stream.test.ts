import { expect, test } from 'vitest';
import { readEvents } from './event-stream.ts';

async function read(...chunks: string[]) {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return readBytes(bytes);
}

async function readBytes(chunks: readonly Uint8Array[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return Array.fromAsync(readEvents(body));
}

test('events have a name and lines of data; comments and other fields are none', async () => {
  expect(
    await read(': alive\n\nevent: progress\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:no space\n\nevent: empty\n\n'),
  ).toEqual([
    { event: 'progress', data: '{"a":\n1}' },
    { event: 'message', data: 'no space' },
  ]);
});

test('an event that was cut off is none', async () => {
  expect(await read('data: whole\n\ndata: half')).toEqual([{ event: 'message', data: 'whole' }]);
});

test('how the bytes come does not matter', async () => {
  const whole = new TextEncoder().encode('event: progress\r\ndata: “späť”\r\n\r\ndata: 2\n\n');
  const expected = [
    { event: 'progress', data: '“späť”' },
    { event: 'message', data: '2' },
  ];
  for (let at = 0; at <= whole.length; at++) {
    expect(await readBytes([whole.subarray(0, at), whole.subarray(at)]), `cut at ${at}`).toEqual(expected);
  }
});
