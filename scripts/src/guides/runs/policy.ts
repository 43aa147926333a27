import { createSignedFetch } from '@aauth-stack/aauth/agent';
import { systemClock } from '@aauth-stack/aauth/clock';
import { modes } from '../../modes.ts';
import { waitFor } from '../../wait-for.ts';
import { runCommand } from '../commands.ts';
import { excerpt, fileText } from '../excerpts.ts';
import { fence, formatAnswer, formatExchange } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { formatTable } from '../markdown-table.ts';
import { approve } from '../person.ts';
import { checksSince, endOfProxyLog } from '../proxy-log.ts';
import { enrolAgent } from '../recording-agent.ts';
import { type Stack, withStack } from '../stack.ts';
import { firstToken, formatToken, jtiOf, presentedToken } from '../tokens.ts';

const example = 'docs/examples/notes';
const notes = 'http://notes.localhost:3000/notes';

const commands = [
  'mkdir -p .data/keys',
  'openssl genpkey -algorithm ed25519 -out .data/keys/notes.pem',
  `GATEWAY_CONFIG=$PWD/${example}/gateway.yaml AAUTH_CONFIG=$PWD/${example}/resources.yaml ./scripts/start-infra.sh mode3`,
];
const serviceCommand = `AAUTH_PROXY_SECRET=$(cat .data/secrets/proxy-secret) node ${example}/service.mjs`;

/** Policy at the gateway: a service of the reader's own behind the proxy, with scopes, a step-up, a rule and revocation. */
export const policy: GuideRun = {
  name: 'policy',
  record: () => withStack(commands, record),
};

async function record(stack: Stack) {
  const { add, blocks } = createBlocks(stack.normalise);
  add('modes', tableOfModes());
  add('demo-rules', demoRules());
  add('gateway-file', fence('yaml', fileText(example, 'gateway.yaml')));
  add('resources-file', fence('yaml', fileText(example, 'resources.yaml')));
  add('service', fence('js', fileText(example, 'service.mjs')));
  add('start', fence('sh', [...commands, `${serviceCommand} &`].join('\n')));
  await startService(stack);

  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const logStart = endOfProxyLog();
    const steps = ['person token', 'challenge', 'auth token', 'call'] as const;
    const read = await agent.during(steps, () => agent.fetch(notes));
    add('read', formatExchange(read('call')));

    const write = await agent.during(['refused', 'exchange', 'retried'], () => agent.fetch(notes, { method: 'POST' }));
    const challenge = write('refused');
    add('step-up', formatExchange(challenge));
    add('step-up-token', formatToken(firstToken(challenge.response?.headers.get('aauth-requirement') ?? '')));
    add('step-up-granted', formatAnswer(write('retried')));

    const erase = await agent.during(['call'], () => agent.fetch(notes, { method: 'DELETE' }));
    add('rule', formatAnswer(erase('call')));
    add('checks', await checksSince(logStart, 5));

    const logRevoked = endOfProxyLog();
    const { agent: identifier, key } = await agent.credentials();
    const url = `http://localhost:8765/person/bindings/${encodeURIComponent(identifier)}/revoke`;
    add('revoke', await runCommand(stack, `curl -s -X POST -H 'authorization: Bearer mytoken' ${url}`));
    const token = presentedToken(read('call'));
    const presenting = createSignedFetch({
      fetch: agent.send,
      credentials: async () => ({ token, key }),
      now: systemClock,
      additionalComponentsFor: () => ['@query'],
    });
    const again = await agent.during(['call'], () => presenting(notes).catch(() => undefined));
    add('revoked', formatAnswer(again('call')));
    add('revocations', await checksSince(logRevoked, 2, jtiOf(token)));
  } finally {
    await agent.close();
  }
  return blocks;
}

async function startService({ shell }: Stack): Promise<void> {
  shell.start(serviceCommand);
  const answered = () => fetch('http://127.0.0.1:7001').then(Boolean, () => undefined);
  await waitFor(answered, { timeoutMs: 10_000, onTimeout: () => new Error(`Nothing answers: ${serviceCommand}`) });
}

function tableOfModes(): string {
  const rows = Object.entries(modes).map(([mode, { gateway, resources, shows }]) => [
    `\`${mode}\``,
    `\`${gateway}\``,
    `\`${resources}\``,
    shows,
  ]);
  return formatTable(['mode', '`GATEWAY_CONFIG`', '`AAUTH_CONFIG`', 'what it shows'], rows);
}

/** The rules of the route to the supply-chain agent, as they stand in the files of the modes. */
function demoRules(): string {
  const files = [...new Set(Object.values(modes).map(({ gateway }) => `infra/gateway/${gateway}`))];
  return fence('yaml', files.map((file) => excerpt(file, /^ +rules:\n([\s\S]*?)^ +a2a:/m)).join('\n\n'));
}
