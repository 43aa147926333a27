import { afterAll, beforeAll } from 'vitest';
import { fault } from './support/fault.ts';
import { faultAt, judge, summary } from './support/faulty-run.ts';
import { flowSteps } from './support/flow-steps.ts';
import { type Identities, identities } from './support/records.ts';
import { type Stack, serviceNames, startStack } from './support/stack.ts';

let stack: Stack;
let known: Identities;
beforeAll(async () => {
  stack = await startStack('user-consent');
  known = await identities();
});
afterAll(() => stack?.stop());

const mustHappen = 'nothing lost, nothing twice; the run completes or says why not, and the next completes';

for (const step of flowSteps) {
  fault(
    `each service killed in turn while ${step.name}`,
    mustHappen,
    async () => {
      const outcomes: [string, string][] = [];
      for (const victim of serviceNames) {
        const [begin, end] = [() => stack.kill(victim), () => stack.revive(victim)];
        const outcome = await faultAt(stack, step, begin, end)
          .then((story) => judge(stack, known, story))
          .catch((error: unknown) => {
            throw new Error(`${victim}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
          });
        outcomes.push([victim, outcome]);
      }
      return summary(outcomes);
    },
    { timeout: 1_800_000 },
  );

  fault(`PostgreSQL killed and started again while ${step.name}`, mustHappen, async () => {
    const { crash, start } = stack.postgres;
    return judge(stack, known, await faultAt(stack, step, crash, start));
  });
}
