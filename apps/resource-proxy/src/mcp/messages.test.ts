import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from './messages.ts';

const read = (text: string) => readBody(new TextEncoder().encode(text));

describe('readBody', () => {
  test.each([
    ['tools/call', { name: 'echo', arguments: { a: 1 } }, { kind: 'tool', name: 'echo', arguments: { a: 1 } }],
    ['tools/call', { name: 'echo' }, { kind: 'tool', name: 'echo', arguments: {} }],
    ['prompts/get', { name: 'greet' }, { kind: 'prompt', name: 'greet', arguments: {} }],
    ['resources/read', { uri: 'a://b' }, { kind: 'resource', name: 'a://b' }],
    ['resources/subscribe', { uri: 'a://b' }, { kind: 'resource', name: 'a://b' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'greet' } }, { kind: 'prompt', name: 'greet' }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'a://{b}' } }, { kind: 'resource', name: 'a://{b}' }],
    ['tools/list', {}, undefined],
    ['initialize', { protocolVersion: '2025-11-25' }, undefined],
  ])('%s of %j uses %j', (method, params, item) => {
    const body = read(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    expect(body).toMatchObject({ isBatch: false, messages: [{ id: 1, method }] });
    expect(body?.messages[0]?.item).toEqual(item);
  });

  test('whatever can be read in one way is read, however it is written', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, 4), (json, indent) => {
        const given: unknown = JSON.parse(json);
        const message = { jsonrpc: '2.0', id: 'x', method: 'tools/call', params: { name: 'echo', arguments: given } };
        const body = read(JSON.stringify(message, undefined, indent));
        expect(body?.messages[0]?.item?.arguments).toEqual(given ?? {});
      }),
    );
  });

  test('a member that stands twice, anywhere and in any spelling, is never read', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.json(), fc.json(), fc.boolean(), (name, one, other, isEscaped) => {
        const first = JSON.stringify(name);
        const again = isEscaped ? `"${[...name].map((c) => escaped(c)).join('')}"` : first;
        const twice = `{${first}:${one},"between":0,${again}:${other}}`;
        expect(
          read(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":${twice}}}`),
        ).toBeUndefined();
      }),
    );
  });

  test.each<{ odd: unknown }>([
    { odd: { toString: 1 } },
    { odd: { toString: {} } },
    { odd: ['echo'] },
    { odd: 7 },
    { odd: null },
  ])('what is called $odd has no name that every server reads alike', ({ odd }) => {
    const call = (method: string, params: object) => read(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    expect(call('tools/call', { name: 'echo' })).toBeDefined();
    expect(call('tools/call', { name: odd })).toBeUndefined();
    expect(call('prompts/get', { name: odd })).toBeUndefined();
    expect(call('resources/read', { uri: odd })).toBeUndefined();
    expect(call('completion/complete', { ref: { type: 'ref/prompt', name: odd } })).toBeUndefined();
    expect(call('completion/complete', { ref: { type: 'ref/resource', uri: odd } })).toBeUndefined();
  });

  test.each([
    '',
    '{',
    '7',
    'null',
    '[]',
    '{"method":"ping"}',
    '{"jsonrpc":"1.0","method":"ping"}',
    '[{"jsonrpc":"2.0"},7]',
  ])('%j is no message', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
