import { SignatureError } from '@aauth-stack/aauth/errors';
import { contentDigest, parseContentDigest } from '@aauth-stack/aauth/signatures';
import type { CapturedRequest } from '../captured/captured-request.ts';
import type { Check } from '../checks/check.ts';

interface BodyFinding {
  readonly checks: readonly Check[];
  readonly codes: readonly string[];
}

/** Compares the body with what `Content-Digest` promises, and says whether the signature covers that promise. */
export async function checkBody(
  { headers, body }: CapturedRequest,
  components: readonly string[],
): Promise<BodyFinding> {
  const header = headers.get('content-digest');
  const hasBody = body.byteLength > 0;
  if (header === null) {
    if (!hasBody) return { checks: [], codes: [] };
    const detail = 'There is a body and no Content-Digest: the signature says nothing about it.';
    const hint = 'Servers of AAuth, and resources that list content-digest, refuse it with invalid_input.';
    return { checks: [{ check: 'body', result: 'warn', detail, hint }], codes: [] };
  }
  const isCovered = components.includes('content-digest');
  const coverage: Check[] = isCovered
    ? []
    : [
        {
          check: 'body',
          result: 'warn',
          detail: 'Content-Digest is sent and not covered: anybody could have changed both.',
        },
      ];
  try {
    if (sameBytes(parseContentDigest(header), await sha256(body))) {
      const detail = `It is the one that Content-Digest was computed over (${body.byteLength} bytes).`;
      return { checks: [...coverage, { check: 'body', result: 'pass', detail }], codes: [] };
    }
    const detail = 'It is not the one that Content-Digest was computed over.';
    const check: Check = {
      check: 'body',
      result: 'fail',
      detail,
      hint: await explain(parseContentDigest(header), body),
    };
    return { checks: [...coverage, check], codes: ['invalid_signature'] };
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return { checks: [...coverage, { check: 'body', result: 'fail', detail: error.message }], codes: [error.code] };
  }
}

/** What editors and clipboards do to a body. */
async function explain(expected: Uint8Array, body: Uint8Array): Promise<string> {
  const text = Buffer.from(body).toString('utf8');
  const guesses: readonly (readonly [string, string])[] = [
    [text.replace(/\r?\n$/, ''), 'It is without the line break at its end, which the capture has added.'],
    [`${text}\n`, 'It is with a line break at its end, which the capture has lost.'],
    [text.replaceAll('\r\n', '\n'), 'It is with LF line breaks; the capture has CRLF.'],
    [text.replaceAll(/\r?\n/g, '\r\n'), 'It is with CRLF line breaks; the capture has LF.'],
    ['', 'It is empty: the digest is that of no body.'],
  ];
  for (const [guess, meaning] of guesses) {
    if (sameBytes(expected, await sha256(Buffer.from(guess)))) return meaning;
  }
  return 'The body was changed after it was signed, or the capture is not complete.';
}

async function sha256(body: Uint8Array): Promise<Uint8Array> {
  return parseContentDigest(await contentDigest(body));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}
