import { expect } from 'vitest';
import { startRun } from '../../support/backend.ts';
import { takeBackEverything } from '../../support/person.ts';
import type { FlowStep } from './flow-steps.ts';
import { checkLedger, isCollected } from './ledger.ts';
import { attend, type Story } from './person-at-work.ts';
import { type Identities, identities } from './records.ts';
import { howItEnded } from './run.ts';
import type { Stack } from './stack.ts';

const prompt = { prompt: 'perform market analysis' };

/** Brings a fault about while a run is at a step, ends it, and follows the run to its end. */
export async function faultAt(
  stack: Stack,
  step: FlowStep,
  begin: () => Promise<void>,
  end: () => Promise<void>,
): Promise<Story> {
  await takeBackEverything();
  const held = stack.gate(step.gate).hold(step.fits);
  const over = Promise.withResolvers<void>();
  const story = attend(await startRun(prompt), step.isUndecided ? over.promise : undefined);
  const { release } = await Promise.race([held, story.then(() => neverCame(step))]);
  await begin();
  release();
  await end();
  over.resolve();
  return story;
}

function neverCame({ name }: FlowStep): never {
  throw new Error(`The run ended before: ${name}`);
}

/** What became of a run, in a word or two; refuses what must never become of one. */
export async function judge(stack: Stack, known: Identities, { progress, approved }: Story): Promise<string> {
  await checkLedger(stack);
  expect(await identities()).toEqual(known);
  // Whoever is asked again had the token that the person allowed, and it was lost with whoever held it.
  for (const earlier of approved.slice(0, -1)) expect(await isCollected(stack, earlier), 'asked twice').toBe(true);
  const asked = approved.length > 1 ? `, asked ${approved.length} times` : '';
  if (progress.status === 'completed') return `${howItEnded(progress)}${asked}`;
  expect(progress.error).toMatch(/\w{3}/);
  expect(progress.error_code).not.toBe('failed');
  const again = await attend(await startRun(prompt));
  expect(again.progress.error, 'the next run').toBeNull();
  return `failed (${progress.error}), the next completed${asked}`;
}

/** Says which of many cases had which outcome. */
export function summary(outcomes: readonly (readonly [string, string])[]): string {
  const cases = Map.groupBy(outcomes, ([, outcome]) => outcome);
  return [...cases].map(([outcome, which]) => `${which.map(([name]) => name).join(', ')}: ${outcome}`).join('; ');
}
