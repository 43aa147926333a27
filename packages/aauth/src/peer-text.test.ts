import { expect, test } from 'vitest';
import { peerText, readErrorCode } from './peer-text.ts';

test.each(['invalid_signature', 'user_unreachable', 'x', 'a'.repeat(64), 'urn:x:y/1.0'])('%s is a code', (code) => {
  expect(readErrorCode(code)).toBe(code);
});

test.each(['', 'a'.repeat(65), 'two words', 'a\nb', 'a\0', 'é', '"', '<b>', 7, null, undefined, {}, ['denied']])(
  '%j is none',
  (value) => {
    expect(readErrorCode(value)).toBeUndefined();
  },
);

test('a peer’s words are cut, and hold nothing that is no character', () => {
  expect(peerText('plain – text 😀')).toBe('plain – text 😀');
  expect(peerText('a\0b\r\nc\u001b[2Kd\u009be')).toBe('a b c [2Kd e');
  expect(peerText('\ud800x')).toBe('\ufffdx');
  expect(peerText(`${'x'.repeat(499)}😀`)).toBe(`${'x'.repeat(499)}\ufffd`);
});
