import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prepareBrowser } from './browser.ts';
import { isMode, modes } from './modes.ts';
import { root } from './root.ts';
import { say, sayError } from './terminal.ts';

/** What one runner said of its tests. */
interface Count {
  passed: number;
  failed: number;
}

const usage = `Usage: scripts/run-tests.sh [unit|${Object.keys(modes).join('|')}|traces|all]
       scripts/run-tests.sh containers [part of a file's name …]
       scripts/run-tests.sh faults [--write] [part of a file's name …]`;

function main(): number {
  const [wanted = 'all', ...rest] = process.argv.slice(2);
  const isKnown = ['unit', 'traces', 'containers', 'faults', 'all'].includes(wanted) || isMode(wanted);
  if (!isKnown || (rest.length > 0 && !['containers', 'faults'].includes(wanted))) {
    sayError(`"${process.argv.slice(2).join(' ')}" is not something to test. ${usage}`);
    return 2;
  }
  const counts: Count[] = [];
  if (wanted === 'all') counts.push(staticChecks());
  if (wanted !== 'faults') prepareBrowser();
  if (wanted === 'all' || wanted === 'unit') counts.push(...unitTests());
  for (const mode of Object.keys(modes)) {
    if (wanted === 'all' || wanted === mode) counts.push(stackTests(mode));
  }
  if (wanted === 'all' || wanted === 'traces') counts.push(traceTests());
  if (wanted === 'faults') counts.push(faultTests(rest));
  if (wanted === 'containers') counts.push(containerTests(rest));
  const passed = sum(counts.map((count) => count.passed));
  const failed = sum(counts.map((count) => count.failed));
  say(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Lint, types and unused code count as one test. */
function staticChecks(): Count {
  say('\n== Static checks');
  const ok = run('pnpm', ['--silent', 'check']);
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** The tests beside the code, one runner a package. */
function unitTests(): Count[] {
  say('\n== Unit tests');
  const packages = packagesWithTests();
  for (const directory of packages) rmSync(join(directory, 'test-results.json'), { force: true });
  const ok = run('turbo', ['run', 'build', 'test', '--continue', '--output-logs=new-only', '--concurrency=2']);
  const counts = packages.map((directory) => countOf(join(directory, 'test-results.json')));
  const failed = sum(counts.map((count) => count.failed));
  return ok || failed > 0 ? counts : [...counts, { passed: 0, failed: 1 }];
}

/** The tests of the running stack, in one mode. */
function stackTests(mode: string): Count {
  say(`\n== Whole stack, ${mode}`);
  return inTests(['--config', 'vitest.config.ts', '--dir', mode], { AAUTH_TEST_MODE: mode });
}

/** One run in each mode, as the real Jaeger shows it. */
function traceTests(): Count {
  say('\n== Traces in Jaeger');
  return inTests(['--config', 'traces/vitest.config.ts']);
}

/** Everything that can go wrong with processes, networks, clocks and disks; takes too long for every day. */
function faultTests(words: readonly string[]): Count {
  say('\n== Faults');
  const names = words.filter((word) => word !== '--write');
  const document: Record<string, string> = {};
  if (words.includes('--write')) document.FAULTS_DOCUMENT = join(root, 'docs', 'faults.md');
  return inTests(['--config', 'faults/vitest.config.ts', ...names], document);
}

/** docker-compose.yml in a Docker engine, which takes even longer. */
function containerTests(words: readonly string[]): Count {
  say('\n== Containers');
  return inTests(['--config', 'containers/vitest.config.ts', ...words]);
}

function inTests(words: string[], environment: Record<string, string> = {}): Count {
  const results = join(root, 'tests', 'test-results.json');
  rmSync(results, { force: true });
  const ok = run('vitest', ['run', ...words], join(root, 'tests'), environment);
  const count = countOf(results);
  return ok || count.failed > 0 ? count : { ...count, failed: 1 };
}

function packagesWithTests(): string[] {
  const manifests = globSync(['{apps,packages}/*/package.json', '{scripts,tests}/package.json'], { cwd: root });
  return manifests
    .filter((manifest) => readFileSync(join(root, manifest), 'utf8').includes('"test": "vitest run'))
    .map((manifest) => join(root, dirname(manifest)));
}

/** A runner that left no report has failed, whatever it printed. */
function countOf(file: string): Count {
  if (!existsSync(file)) {
    sayError(`${file} is missing: its tests did not run to the end.`);
    return { passed: 0, failed: 1 };
  }
  const report: { numPassedTests: number; numFailedTests: number; success: boolean } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const failed = report.success ? report.numFailedTests : Math.max(1, report.numFailedTests);
  return { passed: report.numPassedTests, failed };
}

function run(command: string, words: string[], cwd = root, environment: Record<string, string> = {}): boolean {
  const { status } = spawnSync(command, words, { cwd, stdio: 'inherit', env: { ...process.env, ...environment } });
  return status === 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

process.exit(main());
