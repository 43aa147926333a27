import type { Exchange, Flow, FlowKind } from '../flow/model/flow.ts';

/** One of the three ways in which access is had, and what to look at in a run of it. */
export interface ModeGuide {
  readonly kind: FlowKind;
  /** As scripts/start-infra.sh knows it. */
  readonly mode: string;
  readonly title: string;
  readonly question: string;
  readonly about: string;
  /** What is worth a press, in order. */
  readonly looks: readonly Look[];
}

interface Look {
  /** What the reader finds there. */
  readonly words: string;
  readonly find: (flow: Flow) => Exchange | undefined;
}

const withMeaning = (meaning: Exchange['meaning']) => (flow: Flow) =>
  flow.exchanges.find((exchange) => exchange.meaning === meaning && !exchange.discovery);
const issuing = (type: string) => (flow: Flow) =>
  flow.exchanges.find(({ tokens }) => tokens.some((token) => token.role === 'issued' && token.type === type));

export const modeGuides: readonly ModeGuide[] = [
  {
    kind: 'identity',
    mode: 'mode1',
    title: 'Identity',
    question: 'Which agent is calling?',
    about:
      'Each agent has a key of its own and a token of its Agent Provider that names it. It signs every request with that key. The resource checks the signature and decides by who the agent is. Nothing is asked of a person, and there is no secret that two parties share.',
    looks: [
      {
        words: 'The signature of the first call: open “Signature” and see which parts of the request it covers',
        find: withMeaning('identity'),
      },
      {
        words: 'The call as the proxy forwards it: “Headers” shows what the service behind it is told',
        find: (flow) => flow.exchanges.find(({ forwarded, discovery }) => forwarded && !discovery),
      },
    ],
  },
  {
    kind: 'three-party',
    mode: 'mode3',
    title: 'Access for a person',
    question: 'For whom, and what may it do?',
    about:
      'Knowing the agent is not enough for this resource: it wants to know for which person it works, and what that person allows. It answers the first call with a question, a resource token. The agent takes it to the person’s Person Server, which answers with an auth token by the standing policy of the person.',
    looks: [
      {
        words: 'The challenge: its resource token names the scopes, the person and the agent’s key',
        find: withMeaning('challenge'),
      },
      {
        words: 'The exchange: three tokens go in, one comes out; compare their lifetimes',
        find: issuing('aa-auth+jwt'),
      },
      {
        words: 'The second hop: the agent in the middle asks for the person of the token that it was called with',
        find: (flow) =>
          flow.exchanges.find(({ tokens }) => tokens.some(({ parameter }) => parameter === 'upstream_token')),
      },
    ],
  },
  {
    kind: 'user-consent',
    mode: 'user-consent',
    title: 'Access that the person grants',
    question: 'Does the person agree, now?',
    about:
      'One of the scopes is such that the person wants to be asked. The Person Server answers “not yet” and where to send the person. They compare a code, read who asks for what, and decide in their own signed-in session. The agent has been waiting, and goes on.',
    looks: [
      {
        words: 'The 202: the agent is told where to send the person, and where to ask for the answer',
        find: (flow) =>
          flow.exchanges.find(({ status, requirement }) => status === 202 && requirement?.name === 'interaction'),
      },
      {
        words: 'Your decision: the one arrow that no agent can draw',
        find: (flow) => flow.exchanges.find(({ from }) => from === 'person'),
      },
      {
        words: 'The answer that the agent was waiting for: the auth token with what you granted',
        find: (flow) =>
          flow.exchanges.findLast(
            ({ url, tokens }) => url.includes('/pending/') && tokens.some(({ role }) => role === 'issued'),
          ),
      },
    ],
  },
];
