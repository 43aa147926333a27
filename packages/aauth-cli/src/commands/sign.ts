import { nodeKeys } from '@aauth-stack/aauth/node';
import { type HttpMessage, parseSignatureInput, signatureBase, signMessage } from '@aauth-stack/aauth/signatures';
import { defineCommand } from '../command/command.ts';
import { usageFailure } from '../command/failure.ts';
import { parseSeconds } from '../command/time-limit.ts';
import { type RequestInput, readRequest, requestOptions } from '../http/request-input.ts';
import { chooseSigner, signerOptions } from '../signing/signer.ts';
import { redactHeader } from '../terminal/redact.ts';

type Field = readonly [name: string, value: string];

/** `aauth sign` */
export const signCommand = defineCommand({
  name: 'sign',
  summary: 'sign a request and print its headers, a curl line or the whole request; send nothing',
  usage: ['URL [-X METHOD] [-H HEADER]… [-d DATA]… [--format headers|curl|http]'],
  description: `
Signs as the agent of the profile, or with a key of your own. What it prints can be sent for 60 seconds by whoever has it, so it
says so on standard error; --redact prints what may be shown to others instead. It answers no challenge: "aauth fetch" does that.`,
  options: {
    ...requestOptions,
    ...signerOptions,
    cover: {
      type: 'string',
      value: 'COMPONENT',
      multiple: true,
      help: 'cover this too, for instance @query (default: @query where there is one, and the body)',
    },
    format: {
      type: 'string',
      value: 'FORMAT',
      help: 'headers (the default), curl, or http: the request as it is sent',
    },
    expires: { type: 'string', value: 'SECONDS', help: 'let the signature expire after that long' },
    base: { type: 'boolean', help: 'print the signature base: the very text that is signed, without complete tokens' },
    redact: { type: 'boolean', help: 'without complete tokens and signatures' },
  },
  examples: [
    ['aauth sign https://inventory.example/stock', 'the headers to add'],
    [`eval "$(aauth sign --format curl https://inventory.example/stock)"`, 'send it with curl'],
    ['aauth sign --scheme hwk --key key.pem --base https://api.example/', 'what exactly is signed'],
  ],
  positionals: [1, 1],
  async run({ values, positionals: [target = ''], context, terminal }) {
    const { format = 'headers' } = values;
    if (!['headers', 'curl', 'http'].includes(format)) {
      throw usageFailure(`--format is headers, curl or http, not "${format}".`);
    }
    const request = await readRequest(target, values, context);
    const signer = await chooseSigner(values, context);
    const message = messageOf(request);
    const created = Math.floor(context.now());
    const signed = await sign(message, {
      ...signer,
      created,
      expires:
        values.expires === undefined ? undefined : created + Math.ceil(parseSeconds(values.expires, '--expires')),
      additionalComponents: values.cover ?? (request.url.search === '' ? [] : ['@query']),
      body: request.body,
      keys: nodeKeys,
    });
    const isShownWhole = !values.redact && !values.base;
    const fields = [...request.headers, ...Object.entries(signed)].map(
      ([name, value]): Field => [name, isShownWhole ? value : redactHeader(name, value)],
    );
    if (isShownWhole) {
      terminal.note(
        `This can be sent for 60 s by whoever has it${signer.signatureKey.scheme === 'jwt' ? ', and holds a complete token' : ''}: keep it out of logs and chats (--redact).`,
      );
    }
    const base = redactHeader('signature-base', baseOf(message, new Headers(Object.entries(signed))));
    const document = {
      method: request.method,
      url: request.url.href,
      headers: Object.fromEntries(fields),
      ...(values.base && { signature_base: base }),
    };
    terminal.result(document, () => {
      if (values.base) return base;
      if (format === 'curl') return curlLine(request, fields);
      return format === 'http' ? rawRequest(request, fields) : fields.map((field) => field.join(': ')).join('\n');
    });
  },
});

async function sign(...[message, options]: Parameters<typeof signMessage>): ReturnType<typeof signMessage> {
  try {
    return await signMessage(message, options);
  } catch (error) {
    // A component that this request does not have, or that nobody knows.
    throw error instanceof TypeError ? usageFailure(error.message) : error;
  }
}

function messageOf({ url, method, headers }: RequestInput): HttpMessage {
  return { method, authority: url.host, path: url.pathname, query: url.search, headers };
}

function baseOf(message: HttpMessage, signed: Headers): string {
  const { components, signatureParams } = parseSignatureInput(signed.get('signature-input') ?? '', []);
  const headers = { get: (name: string) => signed.get(name) ?? message.headers.get(name) };
  return signatureBase({ ...message, headers }, components, signatureParams);
}

function curlLine({ url, method, body }: RequestInput, fields: readonly Field[]): string {
  const words = ['curl', '-X', method, ...fields.flatMap((field) => ['-H', field.join(': ')])];
  if (body) words.push('--data-binary', Buffer.from(body).toString('utf8'));
  // curl normalises paths; a signature is for the one that was signed.
  return [...words, '--path-as-is', url.href].map(quoted).join(' ');
}

function rawRequest({ url, method, body }: RequestInput, fields: readonly Field[]): string {
  const length: Field[] = body ? [['content-length', String(body.byteLength)]] : [];
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  return [
    ...lines,
    ...[...fields, ...length].map((field) => field.join(': ')),
    '',
    Buffer.from(body ?? []).toString('utf8'),
  ].join('\r\n');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
