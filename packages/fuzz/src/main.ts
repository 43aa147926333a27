import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { saveCorpus } from './corpus.ts';
import { runTarget } from './run-target.ts';
import type { FuzzTargets } from './target.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '3600' },
    seed: { type: 'string' },
  },
});
const runs = Number(values.runs);
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
if (![runs, seconds, seed].every(Number.isInteger)) throw new TypeError('--runs, --seconds and --seed are numbers.');

const say = (text: string) => process.stdout.write(`${text}\n`);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = globSync('{apps,packages}/*/{src,test}/**/*.fuzz.ts', { cwd: root }).sort();
let faults = 0;

say(`Each target: ${runs} texts, or ${seconds} s, guided by the code that they make run; seed ${seed}.\n`);
say('| target | texts | a second | code covered | kept | slowest |');
say('| --- | --: | --: | --: | --: | --: |');
for (const file of files.map((name) => `${root}/${name}`)) {
  const { targets }: { targets: FuzzTargets } = await import(file);
  for (const name of Object.keys(targets)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const { fault, corpus, ...told } = await runTarget({ file, name, runs, seconds, seed });
    const numbers = [told.runs, Math.round(told.runs / told.seconds), told.covered, corpus.length].join(' | ');
    say(`| ${name} | ${numbers} | ${told.slowestMs.toFixed(0)} ms |`);
    if (!fault) saveCorpus(file, name, corpus);
    else {
      faults += 1;
      say(`\nFAULT in ${name}, with ${JSON.stringify(fault.text)}:\n${fault.error}\n`);
    }
  }
}
say(`\n${faults} faults.`);
process.exitCode = faults > 0 ? 1 : 0;
