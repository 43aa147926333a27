import fc from 'fast-check';
import { type Item, parseDictionary, serializeDictionary, serializeInnerList, Token } from 'structured-headers';
import { expect, test } from 'vitest';
import { type EditableMessage, newKey, refusal, signedAt, signedRequest, verify } from '../../test/signed-request.ts';
import { SignatureError } from '../errors.ts';
import { nodeKeys } from '../node/keys.ts';
import { hwkScheme } from './hwk.ts';
import { jktJwtScheme } from './jkt-jwt.ts';
import { parseSignatureInput } from './signature-input.ts';
import { parseMember, parseSignatureKey } from './signature-key.ts';

const schemes = {
  hwk: hwkScheme({ keys: nodeKeys }),
  'jkt-jwt': jktJwtScheme({ keys: nodeKeys, now: () => signedAt }),
};
const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const syntax = fc.string({
  unit: fc.constantFrom(...'sig=();:,"\\ \t%?@-1.aA*é', 'sig=', '"@path"', ';created=', 'hwk'),
});
const name = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,5}$/);
const text = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
const bareItem = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.uint8Array({ maxLength: 8 }),
  fc.constant(new Token('tok/en')),
);

test('whatever stands in the headers, the verifier accepts or throws a SignatureError', async () => {
  const original = await signedRequest();
  const field = fc.constantFrom('signature', 'signature-input', 'signature-key', 'content-digest', 'content-type');
  const value = fc.oneof(latin1, syntax);
  const splice = fc.record({ field, at: fc.nat(200), drop: fc.nat(5), value });
  await fc.assert(
    fc.asyncProperty(fc.array(splice, { minLength: 1, maxLength: 3 }), async (splices) => {
      const fields = new Map(original.headers);
      for (const { field: target, at, drop, value: inserted } of splices) {
        const before = fields.get(target) ?? '';
        fields.set(target, before.slice(0, at) + inserted + before.slice(at + drop));
      }
      const message = { ...original, headers: { get: (header: string) => fields.get(header) ?? null } };
      const unchanged = [...original.headers].every(([header, before]) => fields.get(header) === before);
      try {
        await verify(message, { schemes });
      } catch (error) {
        expect(error).toBeInstanceOf(SignatureError);
        expect(unchanged).toBe(false);
      }
    }),
  );
});

test('whatever the request is, signing and verifying agree, and no covered part can change', async () => {
  const key = await newKey();
  const request = fc.record({
    method: fc.stringMatching(/^[A-Z]{1,8}$/).filter((method) => method !== 'GET'),
    authority: fc.domain(),
    path: fc.stringMatching(/^\/[!->@-~]{0,12}$/),
    query: fc.oneof(fc.constant(''), fc.stringMatching(/^\?[!-~]{1,12}$/)),
    note: fc.stringMatching(/^[!-~]([ -~\t]{0,12}[!-~])?$/),
    body: fc.uint8Array({ minLength: 1, maxLength: 32 }),
  });
  const part = fc.constantFrom('method', 'authority', 'path', 'query', 'note', 'body');
  await fc.assert(
    fc.asyncProperty(request, request, part, async ({ note, ...one }, two, altered) => {
      const signed = await signedRequest({
        ...one,
        key,
        headers: { 'x-note': note },
        additionalComponents: ['@query', 'x-note'],
      });
      const options = { requiredComponents: ['@query', 'x-note'], requireBodyCoverage: false, body: one.body };
      await verify(signed, options);

      const message: EditableMessage = { ...signed, headers: new Headers(signed.headers) };
      if (altered === 'note') message.headers.set('x-note', two.note);
      else if (altered !== 'body') message[altered] = two[altered];
      const body = altered === 'body' ? two.body : one.body;
      const same = altered === 'note' ? note === two.note : String(one[altered]) === String(two[altered]);
      const verification = verify(message, { ...options, body });
      if (same) await verification;
      else expect(await refusal(verification)).toMatchObject({ code: 'invalid_signature' });
    }),
  );
});

test('Signature-Input: what is serialised parses back, and enters the base as it was', () => {
  const components = fc.uniqueArray(text, { maxLength: 6 });
  const parameters = fc.uniqueArray(fc.tuple(name, bareItem), { selector: ([key]) => key, maxLength: 4 });
  fc.assert(
    fc.property(components, parameters, fc.nat(), (names, extra, created) => {
      const map = new Map<string, (typeof extra)[number][1]>(extra).set('created', created);
      map.delete('expires');
      const member = serializeInnerList([names.map((component) => [component, new Map()]), map]);
      const parsed = parseSignatureInput(`other=("a"), sig=${member}`, []);
      expect(parsed).toEqual({ label: 'sig', components: names, created, expires: undefined, signatureParams: member });
    }),
  );
});

test('Signature-Key: a member parses back among others; a label or parameter given twice is refused', () => {
  const parameters = fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, minLength: 1, maxLength: 4 });
  const decoy: Item = [1, new Map([['a', 'sig=x, sig=y']])];
  fc.assert(
    fc.property(parameters, fc.uniqueArray(name, { maxLength: 3 }), fc.nat(3), (entries, others, repeated) => {
      const value = serializeDictionary(
        new Map<string, Item>([
          ...others.filter((label) => label !== 'sig').map((label): [string, Item] => [label, decoy]),
          ['sig', [new Token('hwk'), new Map(entries)]],
        ]),
      );
      expect(parseSignatureKey(value, 'sig')).toEqual({ label: 'sig', scheme: 'hwk', parameters: new Map(entries) });
      const [key] = entries[repeated % entries.length] ?? [];
      expect(() => parseSignatureKey(`${value};${key}`, 'sig')).toThrow('twice');
      expect(() => parseSignatureKey(`${value}, sig=jwt`, 'sig')).toThrow('twice');
    }),
  );
});

test('Signature-Key: the short cut for the usual form sees what the parser sees', () => {
  const char = fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code));
  const noise = fc.oneof({ arbitrary: fc.constant(''), weight: 4 }, char);
  const token = fc.stringMatching(/^[A-Za-z*]{0,1}[!-~]{0,3}$/);
  const form = fc.tuple(
    noise,
    name,
    noise,
    token,
    noise,
    name,
    noise,
    fc.oneof(text, fc.string({ unit: char })),
    noise,
  );
  const attempt = (parse: () => unknown) => {
    try {
      return parse();
    } catch (error) {
      expect(error).toBeInstanceOf(SignatureError);
      return 'refused';
    }
  };
  fc.assert(
    fc.property(form, ([a, label, b, scheme, c, parameter, d, value, e]) => {
      const header = `${a}${label}${b}=${scheme}${c};${parameter}${d}="${value}"${e}`;
      expect(attempt(() => parseSignatureKey(header, label))).toEqual(attempt(() => parseMember(header, label)));
    }),
  );
});

test('whatever the header is, no key that is refused as repeated would have been the last of two', () => {
  fc.assert(
    fc.property(syntax, (value) => {
      try {
        parseSignatureKey(value, 'sig');
      } catch (error) {
        expect(error).toBeInstanceOf(SignatureError);
        return;
      }
      // Accepted: then nothing in it was overwritten, and serialising loses nothing but white space and spelling.
      const again = serializeDictionary(parseDictionary(value));
      expect(parseDictionary(again)).toEqual(parseDictionary(value));
      expect(count(again)).toBe(count(value));
    }),
  );
});

// Separators outside strings: as many in what was parsed as in what was received, or something has been dropped.
function count(dictionary: string): number {
  return dictionary.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[;,]/g)?.length ?? 0;
}
