import { withNetwork } from '../agent/network.ts';
import { readCaptured } from '../captured/captured-request.ts';
import { renderChecks } from '../checks/check.ts';
import { defineCommand } from '../command/command.ts';
import { type ExitCode, exitCodes } from '../command/exit-codes.ts';
import { usageFailure } from '../command/failure.ts';
import { parseSeconds } from '../command/time-limit.ts';
import { readInput } from '../http/request-input.ts';
import { readGivenKeys } from '../verification/given-keys.ts';
import { parseMoment } from '../verification/moment.ts';
import { createdOf, verifyCaptured } from '../verification/verify-captured.ts';

/** `aauth verify` */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'say precisely what is wrong with a signed request that was captured',
  usage: ['[FILE]'],
  description: `
Reads a request from a file or from standard input: raw HTTP (also as "curl -v" shows it), JSON with method, url, headers and body, or a
HAR file. Checks it as a resource would: headers, covered components, time, scheme, token with the keys that its issuer publishes,
signature, body. It goes on after a fault, and tries what usually lies behind a signature that does not verify: another host, path or query
than the signer saw, a line break at the end of the body. It cannot know which tokens a resource accepts, nor whether it is a replay.`,
  options: {
    authority: {
      type: 'string',
      value: 'HOST',
      help: 'the host that the resource is known by (default: that of the URL or Host)',
    },
    at: { type: 'string', value: 'TIME', help: 'check as of then: seconds since the epoch, a date, or "created"' },
    window: { type: 'string', value: 'SECONDS', help: 'how old the signature may be (default: 60)' },
    require: {
      type: 'string',
      value: 'COMPONENT',
      multiple: true,
      help: 'what the resource requires to be covered as well',
    },
    keys: { type: 'string', value: 'FILE', help: 'a JWKS or JWK to check with, instead of what the issuer publishes' },
    offline: {
      type: 'boolean',
      help: 'ask nobody: tokens are decoded, and their signatures left unchecked without --keys',
    },
    entry: { type: 'string', value: 'N', help: 'which request of a HAR file (default: the first that is signed)' },
    base: { type: 'boolean', help: 'print the signature base too, without complete tokens' },
  },
  examples: [
    ['aauth verify request.http', 'one that was captured just now'],
    ['aauth verify --at created --base request.http', 'as of when it was made, with the text that was signed'],
    ['aauth sign --format http https://inventory.example/stock | aauth verify', 'the round trip'],
  ],
  positionals: [0, 1],
  async run({ values, positionals: [file = '-'], context, terminal }): Promise<ExitCode> {
    const entry = values.entry === undefined ? undefined : parseEntry(values.entry);
    const captured = readCaptured(await readInput(file, context.stdin), entry);
    const request =
      values.authority === undefined ? captured : { ...captured, authority: values.authority.toLowerCase() };
    const keys = await readGivenKeys(values.keys, context);
    const at = moment(values.at, request, context.now());
    const report = await withNetwork({ env: context.env, now: () => at }, ({ identifiers, discovery }) =>
      verifyCaptured(request, {
        at,
        window: values.window === undefined ? 60 : parseSeconds(values.window, '--window'),
        require: values.require ?? [],
        identifiers,
        discovery: values.offline ? undefined : discovery,
        keys,
      }),
    );
    const { signature_base, ...rest } = report;
    terminal.result({ ...rest, ...(values.base && { signature_base }) }, () =>
      [
        renderChecks(report.checks, terminal.paint),
        ...(values.base && signature_base ? ['', signature_base] : []),
        '',
        report.verdict === 'holds'
          ? terminal.paint('green', 'The signature holds.')
          : terminal.paint('red', `A verifier refuses it: ${answerOf(report.signature_error)}`),
      ].join('\n'),
    );
    return report.verdict === 'holds' ? exitCodes.ok : exitCodes.invalid;
  },
});

function answerOf(code = 'invalid_signature'): string {
  return code === 'temporarily_unavailable' ? '503, since it cannot find the key' : `401 ${code}`;
}

function moment(text: string | undefined, request: Parameters<typeof createdOf>[0], now: number): number {
  if (text === undefined) return now;
  if (text !== 'created') return parseMoment(text, '--at');
  return createdOf(request) ?? now;
}

function parseEntry(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw usageFailure(`--entry takes the number of a request, from 1; "${text}" is none.`);
}
