import { afterAll, describe, expect, inject, it } from 'vitest';
import { endOf, startRun } from '../support/backend.ts';
import { runScript } from '../support/commands.ts';
import { killed } from '../support/processes.ts';
import { until } from '../support/until.ts';

const environment = inject('stackEnvironment');
const restart = () => runScript('start-infra.sh', ['mode3'], environment);

afterAll(async () => {
  await restart();
});

describe('with the Person Server down', () => {
  it('a run fails with that reason, and runs complete again once it is back', async () => {
    await killed('backend');
    expect(await restart()).toMatchObject({ code: 0 });
    await killed('person-server');
    const failed = await endOf(await startRun({ prompt: 'optimize laptop supply chain' }));
    expect(failed.status).toBe('failed');
    expect(failed.error).toMatch(/Person Server.*person-server\.localhost:8765.*(cannot be reached|not.*answer)/i);

    expect(await restart()).toMatchObject({ code: 0 });
    // A server that could not be reached is not asked again for a few seconds (metadata lookups back off on failures).
    await until('a run to complete', async () => {
      const { status } = await endOf(await startRun({ prompt: 'perform market analysis' }));
      return status === 'completed';
    });
  });
});
