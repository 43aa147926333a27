import { RequestError } from '@aauth-stack/aauth/errors';
import type { HttpAttributes } from './wire/check-request.ts';

const authorityPattern = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/;

/**
 * Which host a request was sent to. Gateways say it up to three times, and some drop the port in one of the places: then the
 * one with the port counts. Places that name different hosts are refused.
 *
 * @returns lower case, without the default port of http or https (RFC 9421 §2.2.3)
 * @throws RequestError 400 `invalid_request`
 */
export function authorityOf({ host, headers }: Pick<HttpAttributes, 'host' | 'headers'>): string {
  const given = [host, headers.get('host'), headers.get(':authority')].filter((value) => value !== undefined);
  const authorities = given.filter((value) => value !== '').map(parseAuthority);
  const [first] = authorities;
  if (!first) throw new RequestError('invalid_request', 'The check does not say which host the request is for.');
  if (authorities.some(({ name }) => name !== first.name)) {
    throw new RequestError('invalid_request', 'The check names more than one host.');
  }
  const ports = new Set(authorities.flatMap(({ port }) => (port === '' ? [] : [port])));
  if (ports.size > 1) throw new RequestError('invalid_request', 'The check names more than one port.');
  const [port = ''] = ports;
  return `${first.name}${port}`;
}

function parseAuthority(text: string): { name: string; port: string } {
  const [, name, port = ''] = authorityPattern.exec(text.toLowerCase()) ?? [];
  if (name === undefined) {
    throw new RequestError('invalid_request', 'The host of the check is not a host with an optional port.');
  }
  return { name, port: port === ':80' || port === ':443' ? '' : port };
}
