import { isIPv6 } from 'node:net';
import type { AppContext } from '../environment.ts';

/** The address that the client's connection comes from. Behind a proxy that is the proxy's: what a header says is not believed. */
export function clientAddress(c: AppContext): string {
  return countedAs(c.env.incoming?.socket.remoteAddress ?? 'unknown');
}

/** Whom an address stands for: an IPv4 address for itself, an IPv6 address for its network of 64 bits, which is one subscriber's. */
export function countedAs(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  return isIPv6(address) ? ipv6Network(address) : address;
}

function ipv6Network(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head.split(':').filter(Boolean);
  const tailGroups = tail?.split(':').filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - groups.length - tailGroups.length }, () => '0');
  return [...groups, ...zeros, ...tailGroups].slice(0, 4).join(':').concat('::/64');
}
