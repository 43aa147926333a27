import { SignatureError } from '@aauth-stack/aauth/errors';
import {
  parseSignature,
  parseSignatureInput,
  parseSignatureKey,
  type SignatureInput,
  type SignatureKeyMember,
  signatureBase,
} from '@aauth-stack/aauth/signatures';
import type { CapturedRequest } from '../captured/captured-request.ts';
import { type Check, hasFault } from '../checks/check.ts';
import { isoTime } from '../terminal/format.ts';
import { redactHeader } from '../terminal/redact.ts';
import { checkBody } from './check-body.ts';
import { checkKey, type KeyFinding } from './check-key.ts';
import { explainMismatch } from './explain-mismatch.ts';
import type { VerificationSettings } from './settings.ts';

/** What came of verifying a captured request. */
export interface VerificationReport {
  readonly verdict: 'holds' | 'fails';
  /** With `fails`: the code that a verifier answers with, that of the first fault in its order of checks. */
  readonly signature_error?: string;
  readonly scheme?: string;
  readonly covers?: readonly string[];
  readonly checks: readonly Check[];
  /** Without complete tokens. */
  readonly signature_base?: string;
}

const required = ['@method', '@authority', '@path', 'signature-key'];
const fields = ['signature-input', 'signature', 'signature-key'];

/** Goes on after a fault as far as it can, so that everything that is wrong comes to light. */
export async function verifyCaptured(
  request: CapturedRequest,
  settings: VerificationSettings,
): Promise<VerificationReport> {
  const checks: Check[] = [];
  const codes: string[] = [];
  const fail = (check: string, detail: string, code: string, hint?: string) => {
    checks.push({ check, result: 'fail', detail, hint });
    codes.push(code);
  };
  const caught = (check: string, error: unknown, hint?: string) => {
    if (!(error instanceof SignatureError)) throw error;
    fail(check, error.message, error.code, hint);
  };
  const size = request.body.byteLength === 0 ? 'no body' : `${request.body.byteLength} bytes of body`;
  checks.push({ check: 'request', result: 'pass', detail: `${describe(request)}, ${size}` });
  for (const remark of request.remarks) checks.push({ check: 'request', result: 'warn', detail: remark });

  const absent = fields.filter((name) => !request.headers.get(name));
  if (absent.length > 0) {
    const hint =
      absent.length === 3 ? 'It is not signed at all; an unsigned request gets 401 with what is required.' : undefined;
    fail('headers', `It has no ${absent.join(', ')}.`, 'invalid_signature', hint);
    return report();
  }
  const input = attempt('signature-input', () => parseSignatureInput(field('signature-input'), required));
  if (!input) return report();
  const signature = attempt('signature', () => parseSignature(field('signature'), input.label));
  const member = attempt('signature-key', () => parseSignatureKey(field('signature-key'), input.label));
  checkCoverage(input);
  const base = attempt('signature-base', () => baseOf(input));
  checkTimes(input);
  const finding = member && (await checkKey(member, request, settings));
  if (finding) {
    checks.push(...finding.checks);
    codes.push(...finding.codes);
  }
  if (signature && base !== undefined && finding) await checkSignature(signature, base, finding);
  const body = await checkBody(request, input.components);
  checks.push(...body.checks);
  codes.push(...body.codes);
  return report(input, member, base);

  function report(input?: SignatureInput, member?: SignatureKeyMember, base?: string): VerificationReport {
    return {
      verdict: hasFault(checks) ? 'fails' : 'holds',
      signature_error: codes[0],
      scheme: member?.scheme,
      covers: input?.components,
      checks,
      signature_base: base === undefined ? undefined : redactHeader('signature-base', base),
    };
  }

  function field(name: string): string {
    return request.headers.get(name) ?? '';
  }

  function attempt<Value>(check: string, read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      caught(check, error);
      return undefined;
    }
  }

  function baseOf(input: SignatureInput): string {
    try {
      return signatureBase(request, input.components, input.signatureParams);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SignatureError('invalid_input', `The signature base cannot be made: ${reason}.`);
    }
  }

  function checkCoverage({ components, label }: SignatureInput): void {
    const needed = [
      ...required,
      ...(request.headers.get('authorization') === null ? [] : ['authorization']),
      ...settings.require,
    ];
    const missing = needed.filter((name) => !components.includes(name));
    const covered = `label "${label}" covers ${components.join(' ')}`;
    if (missing.length === 0) checks.push({ check: 'covered-components', result: 'pass', detail: covered });
    else {
      const detail = `${covered}; it does not cover ${missing.join(' ')}.`;
      fail(
        'covered-components',
        detail,
        'invalid_input',
        'Sign again and cover these too; every AAuth signature covers the first four.',
      );
    }
  }

  function checkTimes({ created, expires }: SignatureInput): void {
    const { at, window } = settings;
    if (created === undefined) {
      fail('created', 'The signature has no "created".', 'invalid_signature');
      return;
    }
    const age = at - created;
    const when = `created ${isoTime(created)}`;
    if (age > window) {
      const hint = 'A captured request is mostly old: --at created checks it as of then.';
      fail('created', `${when}, ${Math.round(age)} s ago; verifiers allow ${window} s.`, 'invalid_signature', hint);
    } else if (-age > window) {
      const hint = 'The clock of the signer is ahead, or the one here is behind.';
      fail('created', `${when}, ${Math.round(-age)} s ahead; verifiers allow ${window} s.`, 'clock_skew', hint);
    } else checks.push({ check: 'created', result: 'pass', detail: `${when}, within ${window} s` });
    if (expires !== undefined && expires <= at) fail('expires', `It expired ${isoTime(expires)}.`, 'invalid_signature');
  }

  async function checkSignature(bytes: Uint8Array, base: string, { key }: KeyFinding): Promise<void> {
    if (!key) {
      const detail = 'It cannot be checked without its key.';
      checks.push({ check: 'signature', result: 'skip', detail });
      return;
    }
    if (await key.verify(bytes, Buffer.from(base))) {
      const detail = `It is by the key ${key.thumbprint} (${key.alg}).`;
      checks.push({ check: 'signature', result: 'pass', detail });
      return;
    }
    const mismatch = input && (await explainMismatch(request, input, bytes, key));
    fail('signature', `It does not verify with the key ${key.thumbprint}.`, 'invalid_signature', mismatch);
  }
}

function describe({ method, authority, path, query }: CapturedRequest): string {
  return `${method} ${authority}${path}${query}`;
}

/** When a captured request says that it was signed, in seconds since the epoch. */
export function createdOf({ headers }: Pick<CapturedRequest, 'headers'>): number | undefined {
  try {
    return parseSignatureInput(headers.get('signature-input') ?? '', required).created;
  } catch (error) {
    if (error instanceof SignatureError) return undefined;
    throw error;
  }
}
