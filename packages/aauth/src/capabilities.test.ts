import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCapabilities, parseCapabilities } from './capabilities.ts';

describe('AAuth-Capabilities', () => {
  it.each<[string | null | undefined, string[]]>([
    ['interaction, clarification, payment', ['interaction', 'clarification', 'payment']],
    ['interaction;version=2,somersault', ['interaction', 'somersault']],
    ['"interaction", clarification, (interaction), 7, ?1', ['clarification']],
    ['', []],
    ['interaction,', []],
    ['interaction clarification', []],
    [null, []],
    [undefined, []],
  ])('%j means %j', (header, capabilities) => {
    expect(parseCapabilities(header)).toEqual(capabilities);
  });

  it('is read as it is written', () => {
    const token = fc.stringMatching(/^[a-z*][a-z0-9_.*:/-]{0,20}$/);
    fc.assert(
      fc.property(fc.array(token), (names) => {
        expect(parseCapabilities(formatCapabilities(names))).toEqual(names);
      }),
    );
  });

  it('of any text never fails', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const name of parseCapabilities(text)) expect(name).toMatch(/^[A-Za-z*]/);
      }),
    );
  });

  it('cannot be written with what is no Token', () => {
    expect(() => formatCapabilities(['two words'])).toThrow();
  });
});
