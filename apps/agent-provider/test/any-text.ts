import fc from 'fast-check';

/** Texts of any code points, lone surrogates and control characters included. */
export function anyText({ minLength = 0, maxLength = 300 } = {}): fc.Arbitrary<string> {
  const codePoint = fc.oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }));
  return fc.array(codePoint, { minLength, maxLength }).map((points) => String.fromCodePoint(...points));
}
