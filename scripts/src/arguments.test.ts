import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseStartArguments, UsageError } from './arguments.ts';

afterEach(() => vi.unstubAllEnvs());

describe('parseStartArguments', () => {
  it.each([
    [[], { mode: 'mode1', manual: false }],
    [['mode1'], { mode: 'mode1', manual: false }],
    [['--mode', 'mode1'], { mode: 'mode1', manual: false }],
    [['--mode=mode1', '--manual'], { mode: 'mode1', manual: true }],
  ])('reads %j', (words, expected) => {
    expect(parseStartArguments(words)).toEqual(expected);
  });

  it('takes AAUTH_MANUAL_APPROVAL=1 for --manual', () => {
    vi.stubEnv('AAUTH_MANUAL_APPROVAL', '1');
    expect(parseStartArguments([]).manual).toBe(true);
  });

  it.each([[['mode9']], [['--mode']], [['--fast']], [['toString']]])('refuses %j and lists the modes', (words) => {
    expect(() => parseStartArguments(words)).toThrow(UsageError);
    expect(() => parseStartArguments(words)).toThrow('mode1');
  });
});
