import type { Exchange, Flow } from '../model/flow.ts';
import { documentName, isPending } from './answers.ts';
import { partyName, partyOf, theParty } from './parties.ts';
import { type Section, sections } from './sections.ts';
import { aToken, issuedIn, presentedIn, tokenName } from './tokens.ts';

/** What happened in an exchange, why the protocol does that, and where it says so. */
export interface Story {
  readonly what: string;
  readonly why: string;
  readonly section: Section | undefined;
}

type Teller = (exchange: Exchange, flow: Flow) => Story | undefined;

/** The first that knows an exchange tells of it. */
const tellers: readonly Teller[] = [
  decided,
  unanswered,
  discovered,
  challenged,
  deferred,
  refused,
  issued,
  forwarded,
  admitted,
];

export function storyOf(exchange: Exchange, flow: Flow): Story {
  for (const tell of tellers) {
    const story = tell(exchange, flow);
    if (story) return story;
  }
  return {
    what: `${subject(exchange.from)} sent ${exchange.method} ${pathOf(exchange)} to ${theParty(exchange.to)}, which answered ${exchange.status}.`,
    why: 'An ordinary request between parties of the demo; the protocol has no part in it.',
    section: undefined,
  };
}

function decided({ from, decision, to }: Exchange, flow: Flow): Story | undefined {
  if (from !== 'person' || !decision) return undefined;
  const what = decision.scope.length > 0 ? ` ${decision.scope.join(', ')}` : '';
  const where = decision.resource === null ? '' : ` at ${nameOf(flow, decision.resource)}`;
  return {
    what:
      decision.result === 'approved'
        ? `The person approved${what}${where}, at ${theParty(to)}.`
        : `The person’s answer at ${theParty(to)} was: ${decision.result}.`,
    why: 'Only the session that the person signed in with can decide. The code that the agent shows serves to find the question, and to see that it is the right one; it authorizes nothing.',
    section: sections.userInteraction,
  };
}

function unanswered({ status, ended_at, from, to, method, problem }: Exchange): Story | undefined {
  if (status !== null) return undefined;
  if (ended_at === null) {
    return {
      what: `${subject(from)} has sent ${method} to ${theParty(to)} and is waiting for the answer.`,
      why: 'The arrow is drawn as soon as the request goes out; what it brings is added when it comes.',
      section: undefined,
    };
  }
  return {
    what: `${subject(from)} got no answer from ${theParty(to)}${problem?.detail ? `: ${problem.detail}` : ''}.`,
    why: 'A peer that cannot be reached is not a refusal: the request can be sent again.',
    section: sections.errors,
  };
}

function discovered({ discovery, url, from, to }: Exchange): Story | undefined {
  if (!discovery) return undefined;
  const document = documentName(url);
  return {
    what:
      from === to
        ? `${subject(from)} asked itself for its ${document}.`
        : `${subject(from)} read the ${document} of ${new URL(url).host}.`,
    why:
      document === 'keys'
        ? 'Whoever checks a token reads the keys of its issuer at the issuer’s own address, and keeps them for a while.'
        : 'Every party publishes what it is and where its endpoints and keys are. Nobody has to be registered with anybody beforehand.',
    section: sections.metadata,
  };
}

function challenged(exchange: Exchange, flow: Flow): Story | undefined {
  const { status, requirement, from, to, url } = exchange;
  if (!requirement || (status !== 401 && !(status === 202 && requirement.name === 'auth-token'))) return undefined;
  const resource = nameOf(flow, url);
  if (requirement.name === 'auth-token') {
    return {
      what: `${subject(to)} answered for ${resource}: this call takes an auth token. It gave ${theParty(from)} a resource token that says for which scopes.`,
      why: 'The resource does not decide what the person allows, their Person Server does. The resource token carries the question there, bound to this agent’s key and to the token that it presented, so that nobody else can use it.',
      section: sections.authTokenRequired,
    };
  }
  if (requirement.name === 'person-token') {
    return {
      what: `${subject(to)} answered for ${resource}: it wants to know for which person.`,
      why: 'The agent fetches a person token for this very resource and comes again with it.',
      section: sections.personTokenRequired,
    };
  }
  return {
    what: `${subject(to)} answered for ${resource}: the request does not say which agent it comes from.`,
    why: 'Every request is signed by an agent with a key that its agent token names. There are no API keys that could be copied.',
    section: requirement.name === 'agent-token' ? sections.agentTokenRequired : sections.requirements,
  };
}

function deferred(exchange: Exchange): Story | undefined {
  const { requirement, from, to } = exchange;
  if (!isPending(exchange)) return undefined;
  if (requirement?.name === 'interaction') {
    return {
      what: `${subject(to)} has to ask the person, and told ${theParty(from)} where to send them and with which code.`,
      why: 'The agent is not kept on the line: it gets an address to ask at, shows the link and the code to the person, and goes on when they have decided.',
      section: sections.interaction,
    };
  }
  const section = requirement?.name === 'clarification' ? sections.clarification : sections.deferred;
  return {
    what: `${subject(to)} has no answer yet for ${theParty(from)}${requirement ? ` (${requirement.name})` : ''}.`,
    why: 'What takes time is answered later: the agent asks again at the address that it was given, signed like every request.',
    section: requirement?.name === 'approval' ? sections.approval : section,
  };
}

function refused({ status, from, to, problem, signature }: Exchange): Story | undefined {
  if (status === null || status < 400) return undefined;
  const because = problem?.detail ? ` ${problem.detail}` : '';
  const code = problem?.code ? ` (${problem.code})` : '';
  return {
    what: `${subject(to)} refused the request of ${theParty(from)} with ${status}${code}.${because}`,
    why:
      signature?.result === 'refused'
        ? 'The signature, or the token that it was made with, does not hold. Nothing behind it was reached.'
        : 'The sender is who it says; what it asked for is not granted.',
    section: signature?.result === 'refused' ? sections.signatureError : sections.errors,
  };
}

function issued(exchange: Exchange, flow: Flow): Story | undefined {
  const token = issuedIn(exchange);
  if (!token) return undefined;
  const { from, to, decision, tokens, url } = exchange;
  const audience = typeof token.claims.aud === 'string' ? ` for ${nameOf(flow, token.claims.aud)}` : '';
  const upstream = tokens.some(({ parameter }) => parameter === 'upstream_token');
  const chained = upstream ? ' It did so for the person of the token that its own caller had presented.' : '';
  const waited = new URL(url).pathname.startsWith('/pending/')
    ? ' This is the answer that it had been waiting for.'
    : '';
  const reason =
    decision?.reason === 'standing-policy' ? ' The standing policy of the person allows it, so nobody was asked.' : '';
  return {
    what: `${subject(from)} got ${aToken(token.type)}${audience} from ${theParty(to)}.${waited}${reason}${chained}`,
    why: whyIssued[token.type] ?? 'The token is bound to the key of who asked: nobody else can use it.',
    section: upstream ? sections.callChaining : sectionOfIssue(token.type),
  };
}

const whyIssued: Readonly<Record<string, string>> = {
  'aa-person+jwt':
    'A resource that works for people has to know for whom. It gets an identifier of the person that is its own: two resources cannot find out that they serve the same one.',
  'aa-auth+jwt':
    'The Person Server has checked that the resource’s question, the token that the agent presented and the agent’s key all belong together. What it grants is never more than was asked for, for an hour at most.',
  'aa-agent+jwt':
    'The agent provider vouches for the agent’s new key. The key that vouches for that never leaves the agent.',
};

function sectionOfIssue(type: string): Section {
  if (type === 'aa-person+jwt') return sections.personTokenEndpoint;
  return type === 'aa-agent+jwt' ? sections.agentTokenAcquisition : sections.tokenEndpoint;
}

function forwarded({ forwarded: isForwarded, from, to, request_headers }: Exchange): Story | undefined {
  if (!isForwarded) return undefined;
  const level = request_headers.find(([name]) => name === 'x-aauth-level')?.[1];
  return {
    what: `${subject(from)} passed the request on to ${theParty(to)}${level ? `, with what it had found out of the sender (${level})` : ''}.`,
    why: 'A service behind the proxy needs to know nothing of the protocol: it is told in x-aauth-* headers who is calling and what was granted. It believes them with the proxy’s secret only, and the proxy drops any that a client sent.',
    section: sections.authTokenUsage,
  };
}

function admitted(exchange: Exchange, flow: Flow): Story | undefined {
  const token = presentedIn(exchange);
  if (!token || exchange.signature?.result !== 'verified') return undefined;
  const { from, to, url } = exchange;
  const resource = partyOf(flow, url);
  const whose = resource === undefined || resource === to ? '' : ` for ${theParty(resource)}`;
  return {
    what: `${subject(from)} called with ${aToken(token.type)}; ${theParty(to)} checked the signature and admitted it${whose}.`,
    why: whyAdmitted[token.type] ?? `The signature was made with the key that the ${tokenName(token.type)} names.`,
    section: token.type === 'aa-agent+jwt' ? sections.agentIdentity : sections.authTokenUsage,
  };
}

const whyAdmitted: Readonly<Record<string, string>> = {
  'aa-agent+jwt':
    'The token says which agent this is, the signature that it is that agent and that nothing was changed on the way. Whether that agent may do this is for the resource’s policy.',
  'aa-person+jwt':
    'The token says for which person the agent calls; the resource’s policy decides whether that is enough.',
  'aa-auth+jwt':
    'Token and signature belong together: a stolen token is of no use without the key. The resource’s policy looks at the scopes that were granted.',
};

const subject = (id: string): string => (partyName(id) === id ? id : `The ${partyName(id)}`);
const pathOf = ({ url }: Exchange): string => new URL(url).pathname;

/** The party that goes by an identifier, or the identifier's host. */
export function nameOf(flow: Flow, identifier: string): string {
  const party = partyOf(flow, identifier);
  return party === undefined ? (URL.canParse(identifier) ? new URL(identifier).host : identifier) : theParty(party);
}
