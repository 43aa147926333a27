import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signatureAlgorithms } from '../keys/types.ts';
import { loadOrCreateSigningKey, loadPrivateJwk, loadSigningKey, saveSigningKey } from './key-files.ts';
import { nodeKeys } from './keys.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'aauth-keys-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('saveSigningKey', () => {
  test.each(signatureAlgorithms)(
    '%s: PEM and JWK load again as the same key, readable by the owner only',
    async (alg) => {
      const jwk = { ...(await nodeKeys.generate(alg)), kid: 'k1' };
      for (const [name, kid] of [
        ['key.pem', undefined],
        ['key.jwk', 'k1'],
      ] as const) {
        const file = join(directory, 'keys', name);
        await saveSigningKey(file, jwk);
        expect((await stat(file)).mode & 0o777).toBe(0o600);
        const { d, x } = await loadPrivateJwk(file);
        expect({ d, x }).toEqual({ d: jwk.d, x: jwk.x });
        expect((await loadSigningKey(file)).kid).toBe(kid);
      }
      expect(await readdir(join(directory, 'keys'))).toEqual(['key.jwk', 'key.pem']);
    },
  );

  test('writes PKCS#8, as openssl does', async () => {
    const file = join(directory, 'key.pem');
    await saveSigningKey(file, await nodeKeys.generate('Ed25519'));
    expect(await readFile(file, 'utf8')).toMatch(
      /^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n$/,
    );
  });

  test('overwrites a key only when it is told to', async () => {
    const file = join(directory, 'key.pem');
    const [one, two] = [await nodeKeys.generate('Ed25519'), await nodeKeys.generate('Ed25519')];
    await saveSigningKey(file, one);
    await expect(saveSigningKey(file, two)).rejects.toMatchObject({ code: 'exists' });
    expect((await loadPrivateJwk(file)).d).toBe(one.d);
    await saveSigningKey(file, two, { replace: true });
    expect((await loadPrivateJwk(file)).d).toBe(two.d);
    expect(await readdir(directory)).toEqual(['key.pem']);
  });
});

describe('loadSigningKey', () => {
  test.each([0o644, 0o640, 0o604, 0o660, 0o610])('W19: refuses mode %o and tells how to mend it', async (mode) => {
    const file = join(directory, 'key.pem');
    await saveSigningKey(file, await nodeKeys.generate('Ed25519'));
    expect(await loadSigningKey(file)).toMatchObject({ alg: 'Ed25519' });
    await chmod(file, mode);
    await expect(loadSigningKey(file)).rejects.toMatchObject({
      code: 'exposed',
      message: `Key file ${file} has mode 0${mode.toString(8)}; a private key is for its owner only. Run: chmod 600 '${file}'`,
    });
  });

  test('says that there is no such file', async () => {
    const file = join(directory, 'absent.pem');
    await expect(loadSigningKey(file)).rejects.toMatchObject({
      code: 'absent',
      message: expect.stringContaining(file),
    });
  });

  test.each([
    ['nothing', ''],
    [
      'a public key',
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n',
    ],
    ['broken PEM', '-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----\n'],
    ['broken JSON', '{"d":"secretsecret"'],
    [
      'a JWK without alg',
      '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"secretsecret"}',
    ],
    ['too much', ' '.repeat(20_000)],
  ])('refuses a file with %s and does not quote it', async (_name, text) => {
    const file = join(directory, 'key');
    await writeFile(file, text, { mode: 0o600 });
    const error = await loadSigningKey(file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid', message: expect.stringContaining(file) });
    expect(error instanceof Error && `${error.message}${error.stack}${error.cause}`).not.toContain('secretsecret');
  });

  test('refuses a directory', async () => {
    await chmod(directory, 0o700);
    await expect(loadSigningKey(directory)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('loadOrCreateSigningKey', () => {
  test('creates a key once and keeps it', async () => {
    const file = join(directory, 'deep', 'stable.pem');
    const created = await loadOrCreateSigningKey(file, 'ES256');
    expect(created.alg).toBe('ES256');
    expect((await loadOrCreateSigningKey(file)).thumbprint).toBe(created.thumbprint);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'deep'))).mode & 0o777).toBe(0o700);
  });

  test('gives everybody the same key who starts at the same time', async () => {
    const file = join(directory, 'stable.pem');
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateSigningKey(file)));
    expect(new Set(keys.map((key) => key.thumbprint)).size).toBe(1);
    expect(await readdir(directory)).toEqual(['stable.pem']);
  });

  test('gives two processes the same key', async () => {
    const file = join(directory, 'stable.pem');
    const script = `import { loadOrCreateSigningKey } from ${JSON.stringify(import.meta.resolve('./key-files.ts'))};
      process.stdout.write((await loadOrCreateSigningKey(${JSON.stringify(file)})).thumbprint);`;
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.stdout).toHaveLength(43);
    expect(two.stdout).toBe(one.stdout);
  });

  test('does not replace a key that it may not read', async () => {
    const file = join(directory, 'stable.pem');
    await saveSigningKey(file, await nodeKeys.generate('Ed25519'));
    await chmod(file, 0o644);
    const before = await readFile(file, 'utf8');
    await expect(loadOrCreateSigningKey(file)).rejects.toMatchObject({ code: 'exposed' });
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});
