import { fileURLToPath } from 'node:url';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { linkDescriptors } from './link-descriptors.ts';

/** The service's name, as gateways and health probes know it. */
export const serviceName = 'envoy.service.auth.v3.Authorization';

const directory = fileURLToPath(new URL('../../proto', import.meta.url));

/** What this service speaks, from the .proto files. */
export function loadDescriptors(): PackageDefinition {
  return loadSync('envoy/service/auth/v3/external_auth.proto', { includeDirs: [directory], keepCase: true });
}

/** What reflection publishes: this service and its health. */
export function publishedDescriptors(): PackageDefinition {
  return linkDescriptors({ ...loadDescriptors(), ...loadSync(healthProto, { keepCase: true }) });
}
