import { SigningError } from '@aauth-stack/aauth/agent';
import {
  AAuthError,
  DeferredError,
  IdentifierError,
  PeerError,
  PolicyError,
  RequestError,
  UnavailableError,
} from '@aauth-stack/aauth/errors';
import { KeyFileError } from '@aauth-stack/aauth/node';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** Why a command ends without having done what it was asked: what is wrong, with the value, and what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { exitCode: ExitCode; hint?: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}

/** The command line, or what is read as input, is wrong. */
export function usageFailure(message: string, hint?: string): CommandFailure {
  return new CommandFailure('usage', message, { exitCode: exitCodes.usage, hint });
}

/** A failure as it is shown: with `--json` as it stands. */
export interface ShownFailure {
  readonly error: string;
  readonly detail: string;
  readonly hint?: string;
  readonly exit_code: ExitCode;
}

/** What is said of an error, whatever was thrown. */
export function showFailure(error: unknown): ShownFailure {
  if (error instanceof CommandFailure) {
    return { error: error.code, detail: error.message, hint: error.hint, exit_code: error.exitCode };
  }
  if (error instanceof KeyFileError) {
    return { error: `key_file_${error.code}`, detail: error.message, exit_code: exitCodes.configuration };
  }
  if (error instanceof SigningError) {
    const reason = error.cause instanceof Error ? ` ${error.cause.message}` : '';
    return { error: 'cannot_sign', detail: `${error.message}${reason}`, exit_code: exitCodes.usage };
  }
  if (error instanceof AAuthError) return showProtocolError(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { error: 'timeout', detail: 'The time for it is over.', exit_code: exitCodes.unreachable };
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { error: 'interrupted', detail: 'Interrupted.', exit_code: exitCodes.interrupted };
  }
  if (isNetworkFailure(error)) {
    return { error: 'unreachable', detail: `${reasonOf(error)}.`, exit_code: exitCodes.unreachable };
  }
  return { error: 'failure', detail: reasonOf(error), exit_code: exitCodes.failure };
}

function showProtocolError(error: AAuthError): ShownFailure {
  const shown = { error: error.code, detail: error.message };
  if (error instanceof UnavailableError) {
    return { ...shown, detail: withReason(error), exit_code: exitCodes.unreachable };
  }
  if (error instanceof DeferredError || error instanceof PolicyError) return { ...shown, ...refusal(error.code) };
  if (error instanceof IdentifierError || error instanceof RequestError)
    return { ...shown, exit_code: exitCodes.usage };
  if (error instanceof PeerError && error.status === 403) return { ...shown, ...refusal(error.code) };
  if (error instanceof PeerError) return { ...shown, exit_code: exitCodes.peer };
  return { ...shown, exit_code: exitCodes.invalid };
}

const refusalHints: Readonly<Record<string, string>> = {
  denied: 'Ask the person why, and try again when they have changed their mind.',
  revoked: 'The person has to let this agent in again, with a new key: aauth keys rotate --stable',
  expired: 'Nobody decided in time. Run the command again and open the link that it shows.',
  user_unreachable: 'The Person Server has to ask the person and found no way to; it may be reached on its own pages.',
};

function refusal(code: string): { hint?: string; exit_code: ExitCode } {
  return { hint: refusalHints[code], exit_code: exitCodes.refused };
}

/** What an error says, with the reason where it does not say that itself. */
export function withReason(error: Error): string {
  const reason = reasonOf(error).replace(/\.$/, '');
  return error.message.includes(reason) ? error.message : `${error.message} (${reason})`;
}

function isNetworkFailure(error: unknown): boolean {
  return error instanceof TypeError && error.cause !== undefined;
}

/** The reason at the bottom of an error: Fetch says "fetch failed", what failed is in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (cause instanceof Error) return reasonOf(cause);
  return error.message || error.name;
}
