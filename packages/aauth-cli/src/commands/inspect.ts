import { decodeTokenForDisplay } from '@aauth-stack/aauth/tokens';
import { withNetwork } from '../agent/network.ts';
import { hasFault, renderChecks } from '../checks/check.ts';
import { defineCommand } from '../command/command.ts';
import { type ExitCode, exitCodes } from '../command/exit-codes.ts';
import { usageFailure } from '../command/failure.ts';
import { renderClaims } from '../explain/render.ts';
import { tokenKind } from '../explain/token-view.ts';
import { readInput } from '../http/request-input.ts';
import { indent } from '../terminal/format.ts';
import { boundKey } from '../verification/bound-key.ts';
import { checkToken } from '../verification/check-token.ts';
import { readGivenKeys } from '../verification/given-keys.ts';
import { parseMoment } from '../verification/moment.ts';

const longest = 16_384;

/** `aauth inspect` */
export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'decode a token, and check it against what its issuer publishes now',
  usage: ['TOKEN', '@FILE', '-'],
  description: `
Shows the header and the claims of an agent, person, resource or auth token, or of the key proof of an enrolment, and checks them: type,
algorithm, claims, times, and the signature with the key that the issuer publishes. A token on the command line ends up in the history of
your shell: "-" reads it from standard input, @FILE from a file. A whole Signature-Key header will do as well.`,
  options: {
    offline: { type: 'boolean', help: 'ask nobody: decode it, and check its times' },
    keys: { type: 'string', value: 'FILE', help: 'a JWKS or JWK to check with, instead of what the issuer publishes' },
    at: { type: 'string', value: 'TIME', help: 'check as of then: seconds since the epoch, or a date' },
  },
  examples: [
    ['aauth inspect - < token.txt', 'without a trace in the history'],
    ['aauth inspect --json --offline eyJ…', 'decode only, for a script'],
  ],
  positionals: [1, 1],
  async run({ values, positionals: [source = ''], context, terminal }): Promise<ExitCode> {
    const compact = await readToken(source, context);
    const decoded = decodeTokenForDisplay(compact);
    if (!decoded) throw usageFailure('That is no JWT: three parts in base64url, the first two JSON objects.');
    const keys = await readGivenKeys(values.keys, context);
    const at = values.at === undefined ? context.now() : parseMoment(values.at, '--at');
    const { checks, codes } = await withNetwork({ env: context.env, now: () => at }, ({ identifiers, discovery }) =>
      checkToken(compact, {
        at,
        window: 60,
        require: [],
        identifiers,
        discovery: values.offline ? undefined : discovery,
        keys,
      }),
    );
    const jkt = await boundKey(compact);
    const document = {
      kind: tokenKind(decoded.header.typ),
      ...decoded,
      key_thumbprint: jkt ?? null,
      valid: hasFault(checks) ? false : values.offline && keys.length === 0 ? null : true,
      signature_error: codes[0] ?? null,
      checks,
    };
    terminal.result(document, () =>
      [
        terminal.paint('bold', document.kind),
        indent(renderClaims(decoded.header)),
        terminal.paint('dim', '  ·'),
        indent(renderClaims(decoded.claims)),
        ...(jkt ? [`  binds the key ${jkt}`] : []),
        '',
        renderChecks(checks, terminal.paint),
      ].join('\n'),
    );
    return hasFault(checks) ? exitCodes.invalid : exitCodes.ok;
  },
});

async function readToken(source: string, { stdin }: Parameters<typeof readGivenKeys>[1]): Promise<string> {
  const given =
    source === '-' || source.startsWith('@')
      ? Buffer.from(await readInput(source.replace(/^@/, ''), stdin)).toString('utf8')
      : source;
  const text = given.trim();
  const compact = /jwt="([^"]+)"/.exec(text)?.[1] ?? text.replace(/^(?:bearer|aauth) /i, '');
  if (compact === '') throw usageFailure('There is no token: the input is empty.');
  if (compact.length <= longest) return compact;
  throw usageFailure(`A token has at most ${longest} characters; this has ${compact.length}.`);
}
