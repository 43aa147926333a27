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
  return pino(
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
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
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
