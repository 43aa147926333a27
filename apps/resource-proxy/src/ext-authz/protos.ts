import { fileURLToPath } from 'node:url';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** The service's name, as gateways and health probes know it. */
export const serviceName = 'envoy.service.auth.v3.Authorization';

const directory = fileURLToPath(new URL('../../proto', import.meta.url));

/** The descriptors that reflection publishes. */
export function loadDescriptors(): PackageDefinition {
  return loadSync('envoy/service/auth/v3/external_auth.proto', { includeDirs: [directory], keepCase: true });
}
