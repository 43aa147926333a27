import { fence } from '../format-http.ts';
import { createBlocks, type GuideRun } from '../guide-run.ts';
import { approve } from '../person.ts';
import { type Stack, withStack } from '../stack.ts';

const supplyChain = 'http://supply-chain-agent.localhost:3000/';
const message = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'message/send',
  params: {
    message: {
      kind: 'message',
      role: 'user',
      messageId: 'from-a-shell',
      parts: [{ kind: 'text', text: 'perform market analysis' }],
    },
  },
});

// Where the command keeps its files, and finds itself; the reader has both already.
const surroundings = [
  'export XDG_CONFIG_HOME=.data/shell/config XDG_STATE_HOME=.data/shell/state',
  'PATH=$PWD/node_modules/.bin:$PATH',
].join(' ');
const shownFolder = '/home/alice/.config';

/** The `aauth` command, as a person in a shell uses it. */
export const aauthCommand: GuideRun = {
  name: 'aauth-command',
  record: () => withStack(['./scripts/start-infra.sh mode3'], record),
};

async function record({ shell, normalise }: Stack) {
  const { add, blocks } = createBlocks(normalise);
  const folder = /[^\s(]*\/shell\/config/g;

  /** Runs commands; what they say on standard error is shown too, where a reader would see it. */
  async function run(...commands: readonly string[]): Promise<string> {
    const shown: string[] = [];
    for (const command of commands) {
      // A command that finds faults ends with another code than 0.
      const output = await shell.run(`${surroundings}; { ${command}; } 2>&1 || true`);
      const printed = output.trimEnd().replaceAll(folder, shownFolder);
      shown.push(`$ ${command}`, ...(printed === '' ? [] : [printed]), '');
    }
    return fence('console', shown.join('\n').trimEnd());
  }

  const initialized = run(`aauth init --provider http://agent-provider.localhost:8766 --name "Alice in a shell"`);
  await approve(await stableKey(shell));
  add('init', await initialized);
  add('whoami', await run('aauth whoami', 'aauth keys'));
  add('doctor', await run('aauth doctor'));
  add('fetch', await run(`aauth fetch --explain -o .data/report.json ${supplyChain} -d '${message}'`));
  add('again', await run(`aauth fetch ${supplyChain} -d '${message}' --json | head -3`));
  add('sign', await run(`aauth sign --redact ${supplyChain} | cut -c1-88`));
  add(
    'verify',
    await run(
      `aauth sign --quiet --format http ${supplyChain} -d '{"item": 1}' > .data/request.http`,
      'aauth verify .data/request.http',
      `sed 's/"item": 1/"item": 9/' .data/request.http | aauth verify --json | head -3`,
      `aauth verify --authority inventory.localhost:3000 .data/request.http`,
    ),
  );
  add('inspect', await run(`aauth sign --quiet ${supplyChain} | grep signature-key | aauth inspect -`));
  add('metadata', await run(`aauth metadata ${supplyChain}`));
  return blocks;
}

/** The thumbprint of the key that `aauth init` has made, as soon as it has. */
async function stableKey(shell: Stack['shell']): Promise<string> {
  for (;;) {
    const keys = await shell.run(`${surroundings}; aauth keys --json || true`);
    const { stable } = Object(JSON.parse(keys));
    if (stable) return stable.jkt;
  }
}
