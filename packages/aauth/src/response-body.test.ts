import { describe, expect, it } from 'vitest';
import { readJsonObject } from './response-body.ts';

describe('readJsonObject', () => {
  it('reads an object, whatever the type of the body', async () => {
    expect(await readJsonObject(new Response('{"a":"ü"}', { headers: { 'content-type': 'text/html' } }))).toEqual({
      a: 'ü',
    });
  });

  it.each([null, '', '[]', 'null', '"text"', '1', '{"a":', '<html>', new Uint8Array([0x7b, 0xff, 0x7d])])(
    'makes nothing of %j',
    async (body) => {
      expect(await readJsonObject(new Response(body))).toBeUndefined();
    },
  );

  it('stops reading at the limit', async () => {
    const text = JSON.stringify({ a: 'x'.repeat(92) });
    expect(await readJsonObject(new Response(text), text.length)).toEqual({ a: 'x'.repeat(92) });
    let chunks = 0;
    let isCancelled = false;
    const endless = new ReadableStream({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new TextEncoder().encode(' '.repeat(40)));
      },
      cancel() {
        isCancelled = true;
      },
    });
    expect(await readJsonObject(new Response(endless), text.length)).toBeUndefined();
    expect(chunks).toBeLessThanOrEqual(4);
    expect(isCancelled).toBe(true);
  });
});
