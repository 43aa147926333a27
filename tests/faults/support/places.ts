import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../../scripts/src/services.ts';

/** The services that have a front: where their peers expect them, and from which port on their processes are. */
export const places = {
  'agent-provider': { front: 8766, first: 18_766 },
  'person-server': { front: 8765, first: 18_865 },
  'resource-proxy': { front: 3000, first: 13_000 },
  'inventory-mcp': { front: 9997, first: 19_997 },
  'market-analysis-agent': { front: 9998, first: 19_978 },
  'supply-chain-agent': { front: 9999, first: 19_989 },
} as const;

export type FrontedName = keyof typeof places;

export function isFronted(name: string): name is FrontedName {
  return Object.hasOwn(places, name);
}

/** The same service on a port of its own. */
export function placedAt(service: Service, port: number, directory: string): Service {
  const { environment } = service;
  if (service.name !== 'resource-proxy') {
    return {
      ...service,
      health: `http://127.0.0.1:${port}`,
      ports: [port],
      environment: { ...environment, PORT: `${port}` },
    };
  }
  // The port in identifiers stays what it is.
  const gateway = readFileSync(environment.GATEWAY_CONFIG ?? '', 'utf8');
  const file = join(directory, `gateway-${port}.yaml`);
  const [api, extAuthz] = [port + 1, port + 2];
  writeFileSync(file, gateway.replace('port: $' + '{GATEWAY_PORT:-3000}', `port: ${port}`));
  return {
    ...service,
    health: `http://127.0.0.1:${api}`,
    ports: [port, api, extAuthz],
    environment: {
      ...environment,
      GATEWAY_CONFIG: file,
      RESOURCE_API_PORT: `${api}`,
      EXT_AUTHZ_PORT: `${extAuthz}`,
    },
  };
}
