import { createInterface } from 'node:readline/promises';
import {
  type AgentEvent,
  type Clarification,
  type ClarificationReply,
  interactionLink,
  type WorkOptions,
} from '@aauth-stack/aauth/agent';
import type { IdentifierPolicy } from '@aauth-stack/aauth/identifiers';
import type { OptionSpecs } from '../command/command.ts';
import type { Context } from '../command/context.ts';
import { exitCodes } from '../command/exit-codes.ts';
import { CommandFailure } from '../command/failure.ts';
import { whenIs } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Options about the person who may have to decide. */
export const personOptions = {
  open: { type: 'boolean', help: 'open the link in the browser when the person has to decide' },
  'no-wait': { type: 'boolean', help: 'do not wait for the person: show the link and end with code 8' },
  justification: { type: 'string', value: 'TEXT', help: 'why you want access; the person reads it as your word' },
  answer: {
    type: 'string',
    value: 'TEXT',
    help: 'your reply when the person asks back (default: asked in a terminal)',
  },
} as const satisfies OptionSpecs;

interface PersonOptions {
  readonly context: Context;
  readonly terminal: Terminal;
  readonly identifiers: IdentifierPolicy;
  readonly open?: boolean;
  readonly 'no-wait'?: boolean;
  readonly justification?: string;
  readonly answer?: string;
}

/** Brings the person to what they have to decide: prints or opens the link, and passes their questions on. */
export function bringPerson(options: PersonOptions): WorkOptions {
  const { context, terminal, answer, justification } = options;
  const canAnswer = answer !== undefined || (context.stdin.isTTY === true && context.stderr.isTTY === true);
  let shown: string | undefined;
  return {
    justification,
    capabilities: canAnswer ? ['interaction', 'clarification'] : ['interaction'],
    onEvent(event) {
      if (event.type !== 'deferred') return;
      const text = describeWait(event, options);
      if (text === undefined || text === shown) return;
      shown = text;
      const link = interactionLink(event.pending, { identifiers: options.identifiers });
      if (link && options.open) context.openInBrowser(link.url);
      if (options['no-wait']) {
        const hint = 'Run the same command again when they have.';
        throw new CommandFailure('person_needed', text, { exitCode: exitCodes.personNeeded, hint });
      }
      // Said even with --quiet: without the link nothing goes on.
      terminal.tell(text);
    },
    onClarification: canAnswer ? (question) => reply(question, options) : undefined,
  };
}

function describeWait(event: Extract<AgentEvent, { type: 'deferred' }>, options: PersonOptions): string | undefined {
  const { pending, server } = event;
  const { terminal, context } = options;
  const until = pending.expiresAt === undefined ? '' : ` Waiting until ${whenIs(pending.expiresAt, context.now())}.`;
  const link = interactionLink(pending, { identifiers: options.identifiers });
  if (link) {
    return `${terminal.paintNote('bold', 'The person has to decide:')} ${link.url}\nThe page shows the code ${link.code}.${until}`;
  }
  if (pending.requirement?.requirement === 'clarification') return undefined;
  return `${server} has put the answer off${pending.requirement ? ` (${pending.requirement.requirement})` : ''}.${until}`;
}

async function reply(question: Clarification, options: PersonOptions): Promise<ClarificationReply | undefined> {
  const { context, terminal, answer } = options;
  const choices = question.options.length > 0 ? `\nChoices: ${question.options.join(' | ')}` : '';
  terminal.tell(`${terminal.paintNote('bold', 'The person asks:')} ${question.question}${choices}`);
  if (answer !== undefined) return question.round === 1 ? { action: 'answer', answer } : undefined;
  const prompt = createInterface({ input: context.stdin, output: context.stderr });
  try {
    const text = await prompt.question('Your answer (empty: take the request back): ', { signal: context.signal });
    return text.trim() === '' ? { action: 'cancel' } : { action: 'answer', answer: text };
  } finally {
    prompt.close();
  }
}
