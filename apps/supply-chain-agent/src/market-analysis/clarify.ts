import type { ClarificationHandler } from '@aauth-stack/aauth/agent';

const longest = 1000;

/** Why this agent asks for access, in its words. */
export function justify(request: string): string {
  return `My caller asked me: “${shorten(request)}” I need a market analysis for that.`;
}

/** Answers what people ask about an access with all that this agent knows of it: the request that it serves. */
export function answerFrom(request: string): ClarificationHandler {
  return ({ resource }) => ({
    action: 'answer',
    answer:
      `I call ${resource} once, to answer this request of my caller: “${shorten(request)}” ` +
      'What it answers becomes a part of my report. This is all I know about the request.',
  });
}

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
