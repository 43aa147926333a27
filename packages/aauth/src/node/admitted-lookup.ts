import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isLoopbackHost } from '../identifiers.ts';
import type { Admission, AdmissionOptions } from './admission.ts';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export interface AdmittedLookupOptions extends AdmissionOptions {
  /** Resolves a name to all its addresses. Default: the system's resolver. */
  readonly lookup?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

const loopbackAddresses: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * A `lookup` for undici's `connect` that resolves only to addresses that are admitted. What it returns is what the socket connects
 * to, so a name cannot change its mind in between. It is not asked for IP literals; `refuseUrl` has to judge those.
 */
export function admittedLookup(admission: Admission, options: AdmittedLookupOptions): LookupFunction {
  const { localhostDns = false, lookup = resolveAll } = options;

  async function resolve(host: string): Promise<readonly ResolvedAddress[]> {
    const addresses = isLoopbackHost(host) && !localhostDns ? loopbackAddresses : await lookup(host);
    if (addresses.length === 0) throw new Error(`${host} has no address.`);
    for (const { address } of addresses) {
      const refused = admission.refuseAddress(host, address);
      if (refused !== undefined) throw new Error(`Refused: ${refused}.`);
    }
    return addresses;
  }

  return (host, { all }, callback) => {
    resolve(host).then(
      (addresses) => {
        if (all) callback(null, [...addresses]);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

function resolveAll(host: string): Promise<readonly ResolvedAddress[]> {
  return systemLookup(host, { all: true });
}
