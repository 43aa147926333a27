import type { SignatureErrorCode } from '../errors.ts';
import type { SignatureKeyScheme } from '../signatures/types.ts';

interface StepBase {
  readonly method: string;
  readonly url: string;
  /** Counts the times that one call of `fetch` went out, from 1. */
  readonly attempt: number;
}

/** The request was signed and is about to go out. */
export interface SignedStep extends StepBase {
  readonly type: 'signed';
  readonly scheme: SignatureKeyScheme;
  /** As sent; holds the covered components and `created`, and no secret. */
  readonly signatureInput: string;
}

/** The server refused the signature or the token that came with it. */
export interface RefusedStep extends StepBase {
  readonly type: 'refused';
  /** A `Signature-Error` code, one of the registered ones or another. */
  readonly code: string;
  /** With `unsupported_algorithm`: `Accept-Signature-Alg`. A signer has one key, so its owner has to choose another. */
  readonly acceptedAlgorithms?: string;
}

/** What the refusal asked for has been done, and the request goes out once more. */
export interface RetriedStep extends StepBase {
  readonly type: 'retried';
  readonly because: SignatureErrorCode;
}

/** What a signing fetch does, for traces and for people who watch. */
export type SigningStep = SignedStep | RefusedStep | RetriedStep;
