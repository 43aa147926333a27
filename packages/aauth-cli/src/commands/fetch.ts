import { openAgent } from '../agent/agent-fetch.ts';
import { withNetwork } from '../agent/network.ts';
import { bringPerson, personOptions } from '../agent/person.ts';
import { defineCommand } from '../command/command.ts';
import { type ExitCode, exitCodes } from '../command/exit-codes.ts';
import { timeLimit } from '../command/time-limit.ts';
import { createProfiles } from '../config/profiles.ts';
import { renderStep } from '../explain/render.ts';
import { explainExchange, type Step } from '../explain/step.ts';
import { createSeenTokens } from '../explain/token-view.ts';
import { type Exchange, watchFetch } from '../http/exchange.ts';
import { readRequest, requestOptions } from '../http/request-input.ts';
import { responseDocument, writeResponse } from '../http/response-output.ts';
import { verboseLines } from '../http/verbose.ts';

/** `aauth fetch` */
export const fetchCommand = defineCommand({
  name: 'fetch',
  summary: 'call a URL as this agent, and get the access that it asks for',
  usage: ['URL [-X METHOD] [-H HEADER]… [-d DATA]… [-v | --explain]'],
  description: `
Signs the request as the agent of the profile and answers what the resource asks for: it presents the agent token, gets a person token,
exchanges the resource token for an auth token at the person server. When the person has to decide, it shows the link and the code and
waits. Redirects are shown and not followed, since a signature is made for one server. The body goes to standard output as it comes.`,
  options: {
    ...requestOptions,
    include: { type: 'boolean', short: 'i', help: 'print the status and the headers of the response before its body' },
    output: { type: 'string', short: 'o', value: 'FILE', help: 'write the body to a file' },
    fail: { type: 'boolean', short: 'f', help: 'end with code 22 when the status is 400 or more' },
    verbose: {
      type: 'boolean',
      short: 'v',
      help: 'show every request and response, headers included, on standard error',
    },
    explain: {
      type: 'boolean',
      help: 'show every step with its tokens decoded, on standard error; with --json in "steps"',
    },
    ...personOptions,
    'max-time': { type: 'string', value: 'SECONDS', help: 'give up after that long, the time of the person included' },
    'show-secrets': { type: 'boolean', help: 'with -v: complete tokens and signatures, which are usable for a while' },
  },
  examples: [
    ['aauth fetch https://inventory.example/stock', 'as curl would, but signed'],
    [`aauth fetch https://inventory.example/orders -d '{"item": 1}'`, 'POST JSON'],
    ['aauth fetch --explain https://inventory.example/stock', 'how access is got'],
    ['aauth fetch --no-wait --json https://inventory.example/stock', 'for a script: code 8 when a person is needed'],
  ],
  positionals: [1, 1],
  async run({ values, positionals: [target = ''], context, terminal }): Promise<ExitCode> {
    const request = await readRequest(target, values, context);
    const profiles = createProfiles(context.env);
    const profile = await profiles.load(values.profile);
    const steps: Step[] = [];
    const seen = createSeenTokens();
    if (values['show-secrets'])
      terminal.warn('complete tokens and signatures are shown: keep this out of logs and chats.');

    function onExchange(exchange: Exchange): void {
      if (values.verbose) terminal.tell(verboseLines(exchange, values['show-secrets'] === true));
      if (!values.explain) return;
      const step = explainExchange(exchange, steps.length + 1, profile, seen);
      steps.push(step);
      if (!terminal.json) terminal.tell(`${renderStep(step, terminal.paintNote)}\n\n`);
    }

    return withNetwork(context, async (network) => {
      const isOurs = (origin: string) => origin === profile.provider || origin === profile.personServer;
      const fetch = watchFetch(network.fetch, {
        readsAnswersOf: (origin) => values.explain === true && isOurs(origin) && origin !== request.url.origin,
        onExchange,
      });
      const work = bringPerson({ ...values, context, terminal, identifiers: network.identifiers });
      const { agentFetch } = await openAgent({ ...work, context, profiles, profile, network, fetch });
      const { url, method, headers, body } = request;
      const signal = timeLimit(context.signal, values['max-time'], '--max-time');
      const response = await agentFetch(url, { method, headers, body, signal });
      if (terminal.json) {
        const document = {
          ...(await responseDocument(response, url, values.output)),
          ...(values.explain && { steps }),
        };
        terminal.result(document, () => '');
      } else {
        await writeResponse(response, { include: values.include, output: values.output }, context, terminal);
      }
      if (response.status === 401) terminal.note(explainRefusal(response));
      return values.fail && response.status >= 400 ? exitCodes.httpError : exitCodes.ok;
    });
  },
});

function explainRefusal({ headers }: Response): string {
  const code = /error=([a-z_]+)/.exec(headers.get('signature-error') ?? '')?.[1];
  const requirement = headers.get('aauth-requirement')?.split(';')[0];
  const why = [code && `Signature-Error ${code}`, requirement].filter(Boolean).join(', ');
  return `The resource refused the request for good (401${why ? `: ${why}` : ''}). --explain shows every step.`;
}
