import * as fc from 'fast-check';
import { serializeDictionary, Token } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { formatRequirement, isKnownRequirement, parseRequirement, type RequirementInit } from './requirement.ts';

const known: RequirementInit[] = [
  { requirement: 'agent-token' },
  { requirement: 'person-token' },
  { requirement: 'auth-token', parameters: { 'resource-token': 'eyJ.eyJ.sig' } },
  { requirement: 'interaction', parameters: { url: 'https://ps.example/consent', code: 'A1B2-C3D4' } },
  { requirement: 'approval' },
  { requirement: 'clarification' },
  { requirement: 'claims' },
];

// Structured fields are ASCII, so a few characters beyond will do.
const characters = fc.integer({ max: 0x17f, min: 0 }).map((code) => String.fromCharCode(code));

describe('formatRequirement', () => {
  it('puts parameters on the requirement member', () => {
    expect(known.map(formatRequirement)).toEqual([
      'requirement=agent-token',
      'requirement=person-token',
      'requirement=auth-token;resource-token="eyJ.eyJ.sig"',
      'requirement=interaction;url="https://ps.example/consent";code="A1B2-C3D4"',
      'requirement=approval',
      'requirement=clarification',
      'requirement=claims',
    ]);
  });

  it('is read back by parseRequirement', () => {
    for (const init of known) {
      expect(parseRequirement(formatRequirement(init))).toEqual({ parameters: {}, ...init });
    }
  });

  it('refuses text that cannot stand in a header', () => {
    const parameters = { 'resource-token': 'línea\n' };
    expect(() => formatRequirement({ requirement: 'auth-token', parameters })).toThrow();
  });
});

describe('parseRequirement', () => {
  const accepted = 'requirement=auth-token; resource-token="eyJ"';
  const meaning = { requirement: 'auth-token', parameters: { 'resource-token': 'eyJ' } };

  it('reads the form of the specification', () => {
    expect(parseRequirement(accepted)).toEqual(meaning);
  });

  it('says nothing about an absent header', () => {
    expect(parseRequirement(null)).toBeUndefined();
  });

  it('ignores parameters that the requirement does not define, of whatever type', () => {
    expect(parseRequirement(`${accepted};hint=1;x;nonce=:AAAA:;url="https://elsewhere.example"`)).toEqual(meaning);
  });

  it('ignores other members of the dictionary', () => {
    expect(parseRequirement(`first=1, ${accepted}, payment="x402", list=(1 2);a=1`)).toEqual(meaning);
  });

  it('surfaces a requirement it does not know', () => {
    const requirement = parseRequirement('requirement=proof-of-work; difficulty=20; seed="abc"');
    expect(requirement).toEqual({ requirement: 'proof-of-work', parameters: {} });
    expect(isKnownRequirement(requirement?.requirement ?? '')).toBe(false);
    expect(isKnownRequirement('auth-token')).toBe(true);
    expect(isKnownRequirement('toString')).toBe(false);
  });

  it.each([
    ['no structured field', 'requirement=auth-token; resource-token=eyJ"'],
    ['trailing comma', `${accepted},`],
    ['other separator', 'requirement=auth-token resource-token="eyJ"'],
    ['member missing', 'resource-token="eyJ"'],
    ['member a string', 'requirement="auth-token"; resource-token="eyJ"'],
    ['member an inner list', 'requirement=(auth-token); resource-token="eyJ"'],
    ['member without a value', 'requirement; resource-token="eyJ"'],
    ['defined parameter a token', 'requirement=auth-token; resource-token=eyJ'],
    ['defined parameter a flag', 'requirement=auth-token; resource-token'],
    ['member twice', `${accepted}, requirement=agent-token`],
    ['member twice, alike', `${accepted}, ${accepted}`],
    ['parameter twice', `${accepted}; resource-token="eyK"`],
    ['other member twice', `${accepted}, a=1, a=2`],
    ['upper-case key', 'Requirement=auth-token; resource-token="eyJ"'],
    ['empty', ''],
  ])('takes a malformed header for none: %s', (_, header) => {
    expect(parseRequirement(header)).toBeUndefined();
  });

  it('W20: reads the semicolon form alone; in the comma form the resource token is an unknown member', () => {
    expect(parseRequirement('requirement=auth-token; resource-token="eyJ"')).toEqual(meaning);
    expect(parseRequirement('requirement=auth-token, resource-token="eyJ"')).toEqual({ ...meaning, parameters: {} });
    expect(parseRequirement('resource-token="eyJ", requirement=auth-token')).toEqual({ ...meaning, parameters: {} });
    expect(parseRequirement('requirement=interaction, url="https://ps.example", code="A1B2C3D4"')).toEqual({
      requirement: 'interaction',
      parameters: {},
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'requirement=', 'requirement=a;'),
        fc.string({ unit: characters }),
        (start, rest) => {
          const requirement = parseRequirement(start + rest);
          if (requirement) expect(requirement.requirement).toMatch(/^[A-Za-z*]/);
        },
      ),
    );
  });

  it('finds the requirement among any other members and parameters', () => {
    const keys = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/);
    const items = fc.oneof(
      fc.integer({ min: -999, max: 999 }),
      fc.boolean(),
      fc.stringMatching(/^[ -~]{0,12}$/),
      fc.constant(new Token('tok')),
    );
    const parameters = fc.dictionary(
      keys.filter((key) => key !== 'resource-token'),
      items,
      { maxKeys: 3 },
    );
    const others = fc.dictionary(
      keys.filter((key) => key !== 'requirement'),
      fc.tuple(items, parameters),
      { maxKeys: 3 },
    );
    const printable = fc.stringMatching(/^[ -~]{0,20}$/);
    fc.assert(
      fc.property(others, parameters, printable, fc.boolean(), (members, more, token, isLast) => {
        const requirement = [
          'requirement',
          [new Token('auth-token'), new Map([...Object.entries(more), ['resource-token', token] as const])],
        ] as const;
        const rest = Object.entries(members).map(
          ([key, [item, itemParameters]]) => [key, [item, new Map(Object.entries(itemParameters))]] as const,
        );
        const header = serializeDictionary(
          new Map(
            [...(isLast ? rest : []), requirement, ...(isLast ? [] : rest)].map(([key, [item, map]]) => [
              key,
              [item, map],
            ]),
          ),
        );
        expect(parseRequirement(header)).toEqual({ ...meaning, parameters: { 'resource-token': token } });
      }),
    );
  });
});
