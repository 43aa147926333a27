import { BlockList, isIP } from 'node:net';
import { isLoopbackHost } from '../identifiers.ts';

export interface AdmissionOptions {
  /** Admits `http`, any port and loopback addresses for hosts that are loopback by name. */
  readonly allowLoopback: boolean;
  /** Hosts, and CIDR blocks, that are admitted although their addresses are not public. */
  readonly allowPrivate?: readonly string[];
  /** `*.localhost` names are resolved by DNS (compose aliases) and may then lead to private addresses. */
  readonly localhostDns?: boolean;
}

/** Decides which hosts and addresses a URL that a peer named may lead to. Reasons are for the log, never for the peer. */
export interface Admission {
  /** Why a URL is refused as it stands, before anything is resolved; `undefined` when it is not. */
  refuseUrl(url: URL): string | undefined;
  /** Why an address that `host` resolved to is refused; `undefined` when it is not. */
  refuseAddress(host: string, address: string): string | undefined;
}

// The IANA special-purpose registries (RFC 6890): everything in them that is not plainly a public unicast address.
const specialIPv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
// Of IPv6 only 2000::/3 is public (so not ::1, IPv4-mapped, NAT64, unique local, link-local, multicast), less these:
// protocol assignments with Teredo, documentation, 6to4, documentation.
const publicIPv6 = ['2000::/3'];
const specialIPv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const loopbackBlocks = ['127.0.0.0/8', '::1/128'];
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

/**
 * Makes the rules of egress admission: https, and addresses that are public unicast. Loopback is
 * admitted for names that say so, and only where that is allowed; other addresses only where they are configured.
 *
 * @throws TypeError when a block in `allowPrivate` is malformed
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { allowLoopback, allowPrivate = [], localhostDns = false } = options;
  const admittedHosts = new Set(allowPrivate.filter((entry) => !entry.includes('/')).map((host) => host.toLowerCase()));
  const admitted = blockList(allowPrivate.filter((entry) => entry.includes('/')));

  function refuseAddress(host: string, address: string): string | undefined {
    if (isLoopbackHost(host)) {
      if (!allowLoopback) return `${host} is loopback, which is not allowed here`;
      const expected = localhostDns ? localNetwork : loopback;
      return contains(expected, address) ? undefined : `${host} leads to ${address}, which is not local`;
    }
    if (isPublic(address) || admittedHosts.has(host) || contains(admitted, address)) return undefined;
    return `${host} leads to ${address}, which is not a public address`;
  }

  return {
    refuseUrl(url) {
      const host = url.hostname;
      const local = isLoopbackHost(host);
      if (url.username || url.password) return 'the URL carries user information';
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) return `${url.protocol} is not https:`;
      const literal = host.replace(/^\[|\]$/g, '');
      if (isIP(literal)) return refuseAddress(host, literal);
      return local && !allowLoopback ? `${host} is loopback, which is not allowed here` : undefined;
    },
    refuseAddress,
  };
}

const specialV4 = blockList(specialIPv4);
const publicV6 = blockList(publicIPv6);
const specialV6 = blockList(specialIPv6);
const loopback = blockList(loopbackBlocks);
const localNetwork = blockList([...loopbackBlocks, ...privateBlocks]);

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !contains(specialV4, address);
  return contains(publicV6, address) && !contains(specialV6, address);
}

function contains(blocks: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && blocks.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', prefix = ''] = block.split('/');
    const family = isIP(network);
    if (!family || !/^\d{1,3}$/.test(prefix))
      throw new TypeError(`"${block}" is not a block of addresses in CIDR form.`);
    try {
      list.addSubnet(network, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    } catch (cause) {
      throw new TypeError(`"${block}" is not a block of addresses in CIDR form.`, { cause });
    }
  }
  return list;
}
