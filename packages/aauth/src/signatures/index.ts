export { contentDigest, parseContentDigest } from './content-digest.ts';
export { hwkScheme } from './hwk.ts';
export { createJktJwt, jktJwtScheme } from './jkt-jwt.ts';
export { messageFromRequest } from './message.ts';
export { createReplayCache, isReplayChecked, type ReplayCache, replayExpiry, replayId } from './replay.ts';
export { createReplayBounds, type ReplayBounds } from './replay-bounds.ts';
export { type ReplayCaller, replayCaller } from './replay-caller.ts';
export { signMessage } from './sign.ts';
export { redactSignatureBase, signatureBase } from './signature-base.ts';
export { parseSignatureInput, type SignatureInput } from './signature-input.ts';
export {
  hwkSignatureKey,
  jktJwtSignatureKey,
  jwksUriSignatureKey,
  jwtSignatureKey,
  parseSignatureKey,
} from './signature-key.ts';
export { createStoredReplayCache, type ReplayStore, type StoredReplayCache } from './stored-replay-cache.ts';
export type {
  HeaderFields,
  HttpMessage,
  KeyIdentity,
  ResolvedKey,
  SchemeResolver,
  SchemeTable,
  SignatureHeaders,
  SignatureKeyMember,
  SignatureKeyScheme,
  SignatureKeyValue,
  SignOptions,
  VerifiedSignature,
} from './types.ts';
export { parseSignature, type VerifyMessageOptions, verifyMessage } from './verify.ts';
