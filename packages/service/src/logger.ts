import { withoutTokens } from '@aauth-stack/telemetry';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { LogLevel } from './config/env.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** The service's name, in every line as `service`. */
  name: string;
  level?: LogLevel;
  /** Standard output unless given. Written synchronously, so that the last line before an exit is not lost. */
  destination?: DestinationStream;
}

/** Members that never appear in a log line, wherever a line's object carries them down to the third level. */
const secretMembers = [
  'authorization',
  'cookie',
  'set-cookie',
  'signature',
  'signature-key',
  'x-aauth-token',
  'x-aauth-proxy-secret',
  'token',
  'agent_token',
  'person_token',
  'resource_token',
  'auth_token',
  'upstream_token',
  'access_token',
  'password',
  'secret',
  'privateKey',
  'privateJwk',
  // The private member of a JWK.
  'd',
];

const secretPaths = secretMembers.flatMap((name) =>
  ['', '*', '*.*'].map((parents) => (parents ? `${parents}["${name}"]` : `["${name}"]`)),
);

const pemKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g;
const urlPassword = /(:\/\/[^\s"/:@]*):[^\s"/@]+@/g;
// JSON escapes none of these: C1 controls, which a terminal may obey, and what ends a line or turns text around.
const unseen = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * A logger that writes one JSON object a line: ISO time, level as a word, the service's name, and the trace and span
 * that are current. Secrets are redacted by member name; inside any text a token loses its signature, a private key and the password of a
 * URL are left out, and what a terminal would obey is escaped.
 */
export function createLogger({ name, level = 'info', destination }: LoggerOptions): Logger {
  const output = destination === undefined ? standardOutput() : undefined;
  const log = pino(
    {
      level,
      base: { service: name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause },
      redact: { paths: secretPaths, censor: '[redacted]' },
      hooks: { streamWrite: withoutSecrets },
      mixin: currentTrace,
    },
    destination ?? output,
  );
  output?.reportLosses((lines) => log.warn({ lines }, 'what was logged while nothing could be written is lost'));
  return log;
}

/** Characters that wait to be written while nothing can be; what comes beyond is lost. */
const maxWaiting = 1024 * 1024;

/** A disk that is full, or nobody who reads, ends no service: lines wait, and when there are too many of them some are lost. */
function standardOutput() {
  const output = pino.destination({ dest: 1, sync: true, maxLength: maxWaiting });
  let lost = 0;
  output.on('error', () => undefined);
  output.on('drop', () => {
    lost += 1;
  });
  return Object.assign(output, {
    /** Calls back once something can be written again. */
    reportLosses(report: (lines: number) => void): void {
      output.on('drain', () => {
        const lines = lost;
        lost = 0;
        if (lines > 0) report(lines);
      });
    },
  });
}

function withoutSecrets(line: string): string {
  return withoutTokens(line)
    .replace(pemKey, '[redacted]')
    .replace(urlPassword, '$1:…@')
    .replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function currentTrace(): object {
  const context = trace.getActiveSpan()?.spanContext();
  return context && isSpanContextValid(context) ? { trace_id: context.traceId, span_id: context.spanId } : {};
}
