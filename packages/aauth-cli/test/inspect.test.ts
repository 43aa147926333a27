import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentProvider, createKeyPair, flipBit, keyProof, sign, startAgentProvider } from '@aauth-stack/by-hand';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUser } from './support/run.ts';

const user = createUser();
let provider: AgentProvider;

beforeAll(async () => {
  provider = await startAgentProvider();
});

afterAll(async () => {
  await provider.close();
  user.remove();
});

describe('aauth inspect', () => {
  it('decodes a token and checks it against what its issuer publishes', async () => {
    const token = await provider.token();
    const { code, json } = await user.run(['inspect', '--json', token]);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      kind: 'agent token',
      header: { typ: 'aa-agent+jwt' },
      claims: { sub: provider.agent },
      key_thumbprint: provider.agentKey.thumbprint,
      valid: true,
    });
    const { stdout } = await user.run(['inspect', '-'], { stdin: `Signature-Key: sig=jwt;jwt="${token}"\n` });
    expect(stdout).toMatch(/exp: \d+ {2}\(\d{4}-/);
    expect(stdout).not.toContain(token.split('.')[2]);
    const file = join(user.home, 'token');
    writeFileSync(file, `${token}\n`);
    expect(await user.run(['inspect', `@${file}`])).toMatchObject({ code: 0 });
  });

  it.each([
    ['expired_jwt', () => provider.token({ claims: { iat: 1_700_000_000, exp: 1_700_003_600 } })],
    ['invalid_jwt', async () => flipBit(await provider.token(), 'signature')],
    ['invalid_jwt', () => provider.token({ header: { typ: 'JWT' } })],
    ['unsupported_algorithm', async () => flipAlg(await provider.token())],
    ['unknown_key', () => provider.token({ header: { kid: 'other' } })],
    ['issuer_mismatch', () => provider.token({ claims: { iss: provider.issuer.replace('127.0.0.1', 'localhost') } })],
  ])('says %s, with code 6', async (error, make) => {
    const { code, json } = await user.run(['inspect', '--json', await make()]);
    expect({ code, json }).toMatchObject({ code: 6, json: { valid: false, signature_error: error } });
  });

  it('says that an issuer cannot be asked, and why', async () => {
    const gone = await startAgentProvider();
    const token = await gone.token();
    await gone.close();
    const { code, stdout } = await user.run(['inspect', token]);
    expect(code).toBe(6);
    expect(stdout).toMatch(/cannot be fetched from here\. \(.*ECONNREFUSED/);
    expect(await user.run(['inspect', '--offline', '--json', token])).toMatchObject({ code: 0, json: { valid: null } });
  });

  it('checks the key proof of an enrolment by itself', async () => {
    const stableKey = await createKeyPair('stable');
    const proof = await sign(keyProof(stableKey, await createKeyPair('ephemeral')), stableKey);
    expect(await user.run(['inspect', '--json', proof])).toMatchObject({
      code: 0,
      json: { kind: 'key proof', valid: true },
    });
  });

  it.each([['abc'], [''], ['a.b.c']])('refuses %j, with code 2', async (text) => {
    expect(await user.run(['inspect', '-'], { stdin: text })).toMatchObject({ code: 2, stdout: '' });
  });
});

function flipAlg(token: string): string {
  const [header = '', ...rest] = token.split('.');
  const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), alg: 'EdDSA' };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
}
