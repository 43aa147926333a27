import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { nodeKeys } from '@aauth-stack/aauth/node';
import { createResource } from '@aauth-stack/aauth/resource';
import { jwtSignatureKey, signMessage } from '@aauth-stack/aauth/signatures';
import * as httpsig from '@hellocoop/httpsig';
import * as jose from 'jose';
import type { Contestant } from '../measure.ts';
import { authority, body, now, type Parties, type ServerRequest } from './parties.ts';

/** More than a resource of the benchmark remembers: by the time that one comes around again, it is new. */
const manyTokens = 400;
const remembered = 100;
/** More than there are agents' keys that a resource keeps ready. */
const manyAgents = 1100;

/** What a signature costs without any protocol: the bytes of a signature base of usual length. */
function rawEd25519({ agentJwk }: Parties): Contestant[] {
  const privateKey = createPrivateKey({ key: { ...agentJwk }, format: 'jwk' });
  const publicKey = createPublicKey(privateKey);
  const base = Buffer.alloc(1000, 'x');
  const signature = sign(null, base, privateKey);
  return [
    { name: 'node:crypto verify', run: () => mustHold(verify(null, base, publicKey, signature)) },
    { name: 'node:crypto sign', run: () => sign(null, base, privateKey) },
  ];
}

/** A resource that lets requests be sent again: they are what is measured. */
function resourceOf({ identifiers, discovery }: Parties, maxCachedTokens?: number) {
  return createResource({
    authority,
    identifiers,
    discovery,
    keys: nodeKeys,
    now,
    replay: false,
    ...(maxCachedTokens && { maxCachedTokens }),
  });
}

async function ours(parties: Parties): Promise<Contestant[]> {
  const token = await parties.newToken();
  const plain = await parties.signed(token);
  const withBody = await parties.signed(token, body);
  const fresh: ServerRequest[] = [];
  for (let count = 0; count < manyTokens; count += 1) fresh.push(await parties.signed(await parties.newToken()));
  const strangers: ServerRequest[] = [];
  for (let count = 0; count < manyAgents; count += 1) {
    const key = await nodeKeys.signingKey(await nodeKeys.generate('Ed25519'));
    strangers.push(await parties.signed(await parties.newToken(key), undefined, key));
  }
  const resource = resourceOf(parties);
  const forgetful = resourceOf(parties, remembered);
  const signatureKey = jwtSignatureKey(token);
  const unsigned = { method: 'GET', authority, path: '/stock', query: '', headers: new Headers() };
  const admitted = async (verdict: ReturnType<typeof resource.verify>) => mustHold((await verdict).ok);
  return [
    { name: 'verify, known token', run: () => admitted(resource.verify(plain)) },
    { name: 'verify, new token', run: (call) => admitted(forgetful.verify(at(fresh, call))) },
    { name: 'verify, new agent', run: (call) => admitted(forgetful.verify(at(strangers, call))) },
    { name: 'verify, known token, 1 kB body', run: () => admitted(resource.verify(withBody, body)) },
    {
      name: 'sign',
      run: () => signMessage(unsigned, { key: parties.agentKey, signatureKey, created: now(), keys: nodeKeys }),
    },
  ];
}

async function peers(parties: Parties): Promise<Contestant[]> {
  const { agentJwk, issuerKey } = parties;
  const token = await parties.newToken();
  const { query: _none, ...request } = await parties.signed(token);
  const fresh: Array<Omit<ServerRequest, 'query'>> = [];
  for (let count = 0; count < manyTokens; count += 1) {
    const { query: _, ...one } = await parties.signed(await parties.newToken());
    fresh.push(one);
  }
  const issuerPublicKey = await jose.importJWK({ ...issuerKey.publicJwk }, 'Ed25519');
  const verifies = async (one: typeof request) =>
    mustHold((await httpsig.verify(one, { maxClockSkew: 3600 })).verified);
  const options = { signingKey: agentJwk, signatureKey: { type: 'jwt', jwt: token }, dryRun: true } as const;
  return [
    { name: 'httpsig verify, same token', run: () => verifies(request) },
    { name: 'httpsig verify, new token', run: (call) => verifies(at(fresh, call)) },
    { name: 'httpsig sign', run: () => httpsig.fetch(`https://${authority}/stock`, options) },
    {
      name: 'jose jwtVerify',
      run: () => jose.jwtVerify(token, issuerPublicKey, { currentDate: new Date(now() * 1000) }),
    },
  ];
}

export async function signatureContestants(parties: Parties): Promise<Contestant[]> {
  return [...rawEd25519(parties), ...(await ours(parties)), ...(await peers(parties))];
}

function at<Value>(values: readonly Value[], call: number): Value {
  const value = values[call % values.length];
  if (value === undefined) throw new RangeError('There is nothing to verify.');
  return value;
}

/** A benchmark of refusals would be fast, and worth nothing. */
function mustHold(verified: boolean): void {
  if (!verified) throw new Error('What is measured does not verify.');
}
