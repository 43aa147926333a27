import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parsePrivateJwk } from '../keys/jwk.ts';
import type { KeyBackend, PrivateJwk, SignatureAlgorithm, SigningKey } from '../keys/types.ts';
import { algorithmOf, exportPrivateJwk, importPrivateJwk, nodeKeys } from './keys.ts';

const ownerOnly = 0o600;
const maxFileSize = 16_384;

/** How a key file is written: `pem` is PKCS#8, unencrypted; `jwk` is JSON and keeps the `kid`. */
export type KeyFileFormat = 'pem' | 'jwk';

/** A key file cannot be read, understood, trusted or written. The message names the file and what to do, never its content. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: 'absent' | 'exists' | 'exposed' | 'invalid' | 'io';

  constructor(code: KeyFileError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Loads a private key: PKCS#8 PEM (RFC 5958; Ed25519 or P-256) or a JWK with its `alg`.
 *
 * @param file its path
 * @returns the key; never log it
 * @throws KeyFileError `absent`, `exposed` when group or others have any permission on it, `invalid`, `io`
 */
export async function loadPrivateJwk(file: string): Promise<PrivateJwk> {
  const text = await readOwnerOnly(file);
  try {
    return text.trimStart().startsWith('{') ? parsePrivateJwk(JSON.parse(text)) : parsePem(text);
  } catch (error) {
    // A JSON error quotes the text it stumbled over, which is a private key.
    const reason = error instanceof SyntaxError || !(error instanceof Error) ? 'it is not JSON.' : error.message;
    throw new KeyFileError('invalid', `Key file ${file} holds no key for Ed25519 or ES256: ${reason}`);
  }
}

/**
 * Loads a private key as {@link loadPrivateJwk} does, ready to sign. A key from PEM has no `kid`.
 * RFC 5958, RFC 7517.
 *
 * @param file its path
 * @param backend makes the key ready to sign; `node:crypto` by default
 * @returns the key, ready to sign
 * @throws KeyFileError `absent` | `exposed` | `invalid` | `io`
 */
export async function loadSigningKey(file: string, backend: KeyBackend = nodeKeys): Promise<SigningKey> {
  const jwk = await loadPrivateJwk(file);
  try {
    return await backend.signingKey(jwk);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot sign.';
    throw new KeyFileError('invalid', `Key file ${file} holds no usable key: ${reason}`);
  }
}

/**
 * Saves a private key with mode 0600 from its first byte on. The file appears whole or not at all.
 * RFC 5958, RFC 7517.
 *
 * @param file its path; missing folders are made, with mode 0700
 * @param jwk the key
 * @param options.format default: `jwk` for a file named `*.json` or `*.jwk`, else `pem`
 * @param options.replace whether a file of that name may be overwritten; by default it may not, for it may be the only copy of a key
 * @throws KeyFileError `exists` | `io`
 * @throws SignatureError `invalid_key` when the halves of the key do not belong together
 */
export async function saveSigningKey(
  file: string,
  jwk: PrivateJwk,
  options: { readonly format?: KeyFileFormat; readonly replace?: boolean } = {},
): Promise<void> {
  const { format = formatOf(file), replace = false } = options;
  const key = importPrivateJwk(jwk);
  const text =
    format === 'jwk' ? `${JSON.stringify(jwk, null, 2)}\n` : key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeNew(temporary, text);
    // A link, unlike a rename, fails when the name is taken: of two processes that start at once one wins, both agree.
    await (replace ? rename(temporary, file) : link(temporary, file));
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') throw new KeyFileError('exists', `Key file ${file} exists already.`, cause);
    throw new KeyFileError('io', `Key file ${file} cannot be written.`, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Loads the key in `file`, or creates one there if there is none. Safe when several processes start at once: all of them end up
 * with the same key.
 * RFC 5958, RFC 7517.
 *
 * @param file its path; missing folders are made, with mode 0700
 * @param alg of the key that is created; one that exists keeps its own
 * @returns the key, ready to sign
 * @throws KeyFileError `exposed` | `invalid` | `io`
 */
export async function loadOrCreateSigningKey(file: string, alg: SignatureAlgorithm = 'Ed25519'): Promise<SigningKey> {
  try {
    return await loadSigningKey(file);
  } catch (error) {
    if (!hasCode(error, 'absent')) throw error;
  }
  try {
    await saveSigningKey(file, await nodeKeys.generate(alg));
  } catch (error) {
    if (!hasCode(error, 'exists')) throw error;
  }
  return loadSigningKey(file);
}

async function readOwnerOnly(file: string): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    // The mode of what has been opened, not of what has that name a moment later.
    const status = await handle.stat();
    const permissions = status.mode & 0o777;
    // Windows has no such modes and reports 0666 for everything.
    if (process.platform !== 'win32' && (permissions & 0o077) !== 0) {
      const mode = permissions.toString(8).padStart(4, '0');
      throw new KeyFileError(
        'exposed',
        `Key file ${file} has mode ${mode}; a private key is for its owner only. Run: chmod 600 '${file}'`,
      );
    }
    if (!status.isFile() || status.size > maxFileSize) {
      throw new KeyFileError('invalid', `Key file ${file} is not a file of at most ${maxFileSize} bytes.`);
    }
    return await handle.readFile('utf8');
  } catch (cause) {
    if (cause instanceof KeyFileError) throw cause;
    if (systemCode(cause) === 'ENOENT') throw new KeyFileError('absent', `There is no key file ${file}.`, cause);
    throw new KeyFileError('io', `Key file ${file} cannot be read.`, cause);
  } finally {
    await handle?.close();
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', ownerOnly);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parsePem(text: string): PrivateJwk {
  if (!text.includes('-----BEGIN PRIVATE KEY-----')) {
    throw new Error('it is neither a JWK nor unencrypted PKCS#8 PEM ("BEGIN PRIVATE KEY").');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem' });
  } catch {
    throw new Error('its PEM does not parse.');
  }
  const alg = algorithmOf(key);
  if (!alg) throw new Error(`its PEM has a key of type ${key.asymmetricKeyType}.`);
  return exportPrivateJwk(key, alg);
}

function formatOf(file: string): KeyFileFormat {
  return /\.(?:json|jwk)$/.test(file) ? 'jwk' : 'pem';
}

function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function hasCode(error: unknown, code: KeyFileError['code']): boolean {
  return error instanceof KeyFileError && error.code === code;
}
