import fc from 'fast-check';
import { serializeByteSequence } from 'structured-headers';
import { describe, expect, test } from 'vitest';
import { SignatureError } from '../errors.ts';
import { contentDigest } from './content-digest.ts';
import { parseAnySignatureInput, parseSignatureInput } from './signature-input.ts';
import { parseAnySignature, parseSignature } from './verify.ts';

// The usual forms of the fields are read by regular expressions, everything else by the general parser. Whoever could make them
// differ would have one request signed and another one verified.
const noise = fc.oneof(
  { arbitrary: fc.constant(''), weight: 12 },
  fc.constantFrom(
    ' ',
    '\t',
    '"',
    '\\',
    ';',
    ',',
    '(',
    ')',
    '=',
    ':',
    '-',
    '0',
    '\n',
    ';sf',
    ';created=1',
    ', sig=1',
    '\u00e9',
  ),
);

/** The parts, with something between them now and then. */
function spoiled(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts.flatMap((part) => [noise, part]), noise).map((pieces: readonly string[]) => pieces.join(''));
}

function attempt(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(SignatureError);
    return error instanceof SignatureError ? `${error.code}: ${error.message}` : error;
  }
}

describe('Signature-Input', () => {
  const name = fc.oneof(
    fc.constantFrom('@method', '@authority', '@path', 'signature-key', 'content-digest', ''),
    fc.string({ unit: fc.integer({ min: 0x1f, max: 0x80 }).map((code) => String.fromCharCode(code)), maxLength: 4 }),
  );
  const names = fc.array(name, { maxLength: 5 }).map((list) => list.map((one) => `"${one}"`).join(' '));
  const time = fc.constantFrom(
    '0',
    '1',
    '1790000000',
    '01',
    '-1',
    '-0',
    '1.5',
    '1.0',
    '999999999999999',
    '1000000000000000',
  );
  const parameter = (key: string, value: fc.Arbitrary<string>) =>
    fc.oneof(
      fc.constant(''),
      value.map((text) => `;${key}=${text}`),
    );

  test('its short cut sees what the parser sees', () => {
    const label = fc.constantFrom('sig', 'sig', 'sig', 'sig1', 'Sig');
    const created = parameter('created', time);
    const expires = parameter('expires', time);
    const rest = parameter(
      'nonce',
      fc.oneof(
        name.map((text) => `"${text}"`),
        time,
      ),
    );
    fc.assert(
      fc.property(spoiled(label, fc.constant('=('), names, fc.constant(')'), created, expires, rest), (header) => {
        const short = attempt(() => parseSignatureInput(header, []));
        expect(short).toEqual(attempt(() => parseAnySignatureInput(header, [])));
      }),
    );
  });

  test.each([
    'sig=("@method" "@authority" "@path" "signature-key");created=1790000000',
    'sig=("@method");created=1790000000;expires=1790000060;nonce="a b"',
  ])('%s is the text that enters the base', (header) => {
    const parsed = parseSignatureInput(header, []);
    expect(parsed.signatureParams).toBe(header.slice('sig='.length));
    expect(parsed).toEqual(parseAnySignatureInput(header, []));
  });

  test('a component that is covered twice is refused in the usual form too', () => {
    expect(() => parseSignatureInput('sig=("a" "b" "a");created=1', ['a'])).toThrow('"a" is covered twice.');
  });
});

describe('a byte sequence', () => {
  test('its short cut sees what the parser sees', () => {
    const bytes = fc.uint8Array({ maxLength: 66 }).map(serializeByteSequence);
    const text = fc.stringMatching(/^:[A-Za-z0-9+/_-]{0,7}={0,3}:$/);
    fc.assert(
      fc.property(spoiled(fc.constantFrom('sig', 'a'), fc.constant('='), fc.oneof(bytes, text)), (header) => {
        const short = attempt(() => parseSignature(header, 'sig'));
        expect(short).toEqual(attempt(() => parseAnySignature(header, 'sig')));
      }),
    );
  });

  test('is written as structured fields are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 70 }), async (bytes) => {
        const digest = await contentDigest(bytes, { sha256: (data) => data });
        expect(digest).toBe(`sha-256=${serializeByteSequence(bytes)}`);
      }),
    );
  });
});
