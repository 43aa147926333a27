export { type AdmittedFetchOptions, createAdmittedFetch } from './admitted-fetch.ts';
export type { ResolvedAddress } from './admitted-lookup.ts';
export { createEgressFetch, type EgressFetchOptions } from './egress.ts';
export { createHttpFetch, type HttpFetch, type HttpFetchOptions, lookupLocalhost } from './fetch.ts';
export { httpMessageFromNode, readBody, verifyNodeRequest } from './http-message.ts';
export {
  KeyFileError,
  type KeyFileFormat,
  loadOrCreateSigningKey,
  loadPrivateJwk,
  loadSigningKey,
  saveSigningKey,
} from './key-files.ts';
export { nodeKeys } from './keys.ts';
