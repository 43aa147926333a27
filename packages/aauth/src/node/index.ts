export { createEgressFetch, type EgressFetchOptions, type ResolvedAddress } from './egress.ts';
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
