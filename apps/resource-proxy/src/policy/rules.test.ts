import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompiledRule, compileRule, decide, type RuleFacts } from './rules.ts';

const facts: RuleFacts = {
  extauthz: {
    level: 'authorized',
    sub: 'aauth:supply-chain-4f7k2m9q@agent-provider.localhost:8766',
    scope: 'supply-chain:read supply-chain:read-all',
    scopes: ['supply-chain:read', 'supply-chain:read-all'],
  },
  aauth: { level: 'authorized', claims: { tenant: 'acme', exp: 1_800_000_000 } },
  request: { method: 'POST', path: '/', headers: { 'x-team': 'blue' } },
};

function compiled(expression: string): CompiledRule {
  const result = compileRule(expression);
  if (!result.ok) throw new Error(result.reason);
  return result.rule;
}

test.each([
  ['extauthz.sub.endsWith("@agent-provider.localhost:8766")', true],
  ['extauthz.sub.endsWith("@evil.localhost:8766")', false],
  ['"supply-chain:read" in extauthz.scopes', true],
  ['request.method == "POST" && request.headers["x-team"] == "blue"', true],
  ['aauth.claims.tenant == "acme" && aauth.claims.exp > 1.0', true],
  ['extauthz.scopes.exists(scope, scope.startsWith("supply-chain:"))', true],
  ['has(extauthz.agent)', false],
])('%s is %s', (expression, value) => {
  expect(compiled(expression).evaluate(facts)).toBe(value);
});

test('W20: a scope is a member of a list, not a part of a text', () => {
  const only = { ...facts, extauthz: { ...facts.extauthz, scopes: ['supply-chain:read-all'] } };
  expect(compiled('"supply-chain:read" in extauthz.scopes').evaluate(only)).toBe(false);
});

test('W20: whatever the scopes are, only the one that is asked for counts', () => {
  const name = fc.stringMatching(/^[a-c:]{1,4}$/);
  fc.assert(
    fc.property(name, fc.array(name, { maxLength: 4 }), (wanted, scopes) => {
      const granted = { ...facts, extauthz: { ...facts.extauthz, scope: scopes.join(' '), scopes } };
      expect(compiled(`"${wanted}" in extauthz.scopes`).evaluate(granted)).toBe(scopes.includes(wanted));
    }),
  );
});

describe('a rule without a value', () => {
  test.each([
    ['extauthz.act.sub == extauthz.agent', /act/],
    ['extauthz.level', /not a boolean/],
    ['"true"', /not a boolean/],
    ['extauthz.sub < 5', /./],
    ['1 / 0 == 1', /./],
  ])('%s is an error and never true', (expression, reason) => {
    expect(compiled(expression).evaluate(facts)).toEqual({ error: expect.stringMatching(reason) });
  });
});

describe('rules are alternatives', () => {
  const wrong = compiled('extauthz.nothing == "x"');
  const no = compiled('false');
  const yes = compiled('true');

  test('one that is true is enough, also after one without a value', () => {
    expect(decide([wrong, no, yes], facts)).toMatchObject({ allowed: true });
  });

  test('none that is true refuses, and says which have no value', () => {
    expect(decide([no, wrong], facts)).toEqual({
      allowed: false,
      errors: [{ rule: 'extauthz.nothing == "x"', error: expect.any(String) }],
    });
  });
});

test.each([
  ['extauthz.sub ==', /expecting/],
  ['subject == "x"', /unknown subject; rules see extauthz, aauth, request/],
  ['jwt.sub != null', /unknown jwt/],
  ['extauthz.sub.endWith("x")', /unknown endWith\(\)/],
  ['[1].map(n, m)', /unknown m;/],
  ['{"a": missing}.size() > 0', /unknown missing/],
])('%s does not compile', (expression, reason) => {
  expect(compileRule(expression)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
});
