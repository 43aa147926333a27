import { SignatureError } from '@aauth-stack/aauth/errors';
import { jwkThumbprint, parsePublicJwk } from '@aauth-stack/aauth/keys';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { createFindings, type Findings } from './finding.ts';
import type { Members } from './lint-metadata.ts';

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

/** Looks at a JWKS: keys that verify something, each under a name of its own, and nothing that must stay private. */
export async function lintKeys(document: Members): Promise<Findings['checks']> {
  const findings = createFindings();
  const { keys } = document;
  if (!Array.isArray(keys)) {
    findings.fail('jwks', 'It is not a JWKS: it has no list "keys".');
    return findings.checks;
  }
  if (keys.length === 0) findings.fail('jwks', 'It has no keys: nothing that this server signs can be verified.');
  const names = keys.map((key) => Object(key).kid);
  for (const [index, key] of keys.entries()) await lintKey(Object(key), index, findings);
  for (const name of new Set(names.filter((kid, index) => kid !== undefined && names.indexOf(kid) !== index))) {
    findings.warn('jwks', `Several keys have the kid "${name}"; only one of them is found.`);
  }
  return findings.checks;
}

async function lintKey(key: Members, index: number, findings: Findings): Promise<void> {
  const name = typeof key.kid === 'string' && key.kid !== '' ? `key ${key.kid}` : `key ${index + 1}`;
  const secret = secretMembers.find((member) => member in key);
  if (secret !== undefined) {
    const hint = 'Take it out of use now: whoever has read this document can sign as this server.';
    findings.fail(name, `It publishes its PRIVATE part ("${secret}").`, hint);
    return;
  }
  if (typeof key.kid !== 'string' || key.kid === '') {
    findings.fail(name, 'It has no kid, so that no token can name it.');
    return;
  }
  try {
    const jwk = parsePublicJwk(key);
    await nodeKeys.verificationKey(jwk);
    findings.pass(name, `${jwk.alg}, thumbprint ${await jwkThumbprint(jwk)}`);
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    const hint =
      key.alg === undefined || key.alg === 'EdDSA' ? 'Give it a fully specified alg: Ed25519 or ES256.' : undefined;
    findings.warn(name, `It verifies nothing of AAuth: ${error.message}`, hint);
  }
}

/** A key set without what must not be shown to anybody, even if its server does. */
export function withoutSecrets({ keys, ...others }: Members): Members {
  if (!Array.isArray(keys)) return others;
  const shown = keys.map((key) =>
    Object.fromEntries(Object.entries(Object(key)).filter(([member]) => !secretMembers.includes(member))),
  );
  return { ...others, keys: shown };
}
