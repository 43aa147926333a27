import { expect, test } from 'vitest';
import { attribute, verificationAttributes } from './attributes.ts';

test('verification facts become attributes of the registry; missing ones have none', () => {
  const attributes = verificationAttributes({
    result: 'verified',
    level: 'identified',
    scheme: 'jwt',
    tokenType: 'aa-agent+jwt',
    claims: { iss: 'http://agent-provider.localhost:8766' },
    agent: 'aauth:a-12345678@agent-provider.localhost',
    jkt: 'thumbprint',
    components: ['@method', '@authority'],
    error: undefined,
  });
  expect(attributes).toEqual({
    'aauth.result': 'verified',
    'aauth.level': 'identified',
    'aauth.scheme': 'jwt',
    'aauth.token.type': 'aa-agent+jwt',
    'aauth.token.claims': '{"iss":"http://agent-provider.localhost:8766"}',
    'aauth.agent': 'aauth:a-12345678@agent-provider.localhost',
    'aauth.jkt': 'thumbprint',
    'aauth.signature.components': ['@method', '@authority'],
  });
  const registered: string[] = Object.values(attribute);
  expect(Object.keys(attributes).filter((name) => !registered.includes(name))).toEqual([]);
});

test('the signature part of each JWT in a signature base is cut', () => {
  const jwt = (signature: string) => `eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJhIn0.${signature}`;
  const base = `"signature-key": sig=jwt;jwt="${jwt('first-Signature_1')}"\n"x": ${jwt('second')}\n"@method": POST`;
  expect(verificationAttributes({ result: 'verified', base })['aauth.signature.base']).toBe(
    `"signature-key": sig=jwt;jwt="${jwt('…')}"\n"x": ${jwt('…')}\n"@method": POST`,
  );
});
