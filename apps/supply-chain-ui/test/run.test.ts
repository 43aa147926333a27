import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { activity, complete, createState, results, run } from './support/backend/state.ts';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, startDemo } from './support/demo.ts';

describe.skipIf(!chromiumIsInstalled)('a run', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  beforeEach(async () => {
    Object.assign(demo.backend.state, createState());
    await demo.open();
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(() => demo.close());

  const press = (name: string | RegExp) => demo.page.getByRole('button', { name }).click();
  const onlyRun = () => demo.backend.state.runs[0]?.request_id ?? expect.fail('no run was started');

  test('is started with one press, shows how it goes and what came of it, without a reload', async () => {
    const page = await demo.goto('/');
    await page.evaluate('window.sameDocument = true');
    await press('Optimize Laptop Supply Chain');
    await page.getByRole('heading', { name: 'Optimize the laptop supply chain and perform market analysis' }).waitFor();
    expect(demo.backend.state.started).toEqual([
      {
        scenario: 'laptop_procurement',
        custom_prompt: 'Optimize the laptop supply chain and perform market analysis',
        constraints: { budget_limit: 500_000, delivery_time: '2 weeks', quality_requirement: 'enterprise_grade' },
      },
    ]);
    const id = onlyRun();
    expect(page.url()).toBe(`${demo.origin}/runs/${id}`);
    await page.getByText('Starting', { exact: true }).first().waitFor();
    demo.backend.change(id, { progress_percentage: 45, current_step: 'Asking the market-analysis agent' });
    await page.getByText('Asking the market-analysis agent').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('45');
    expect(await page.locator('[aria-current=step]').textContent()).toBe('Market Analysis');
    demo.backend.state.results.set(id, results(id));
    demo.backend.change(id, { status: 'completed', progress_percentage: 100, completed_at: new Date().toISOString() });
    await page.getByText('$89,750').waitFor();
    await page.getByRole('row', { name: /MacBook Pro 14" M4 .*\$59,975/ }).waitFor();
    await page.getByText('Hiring in engineering outgrows the stock').waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  test('takes the words of the person, from an example too, and says so on the button', async () => {
    const page = await demo.goto('/');
    const field = page.getByLabel('Your request');
    const button = page.getByRole('button', { name: 'Optimize Laptop Supply Chain' });
    const width = (await button.boundingBox())?.width;
    await press('Market trends');
    const custom = page.getByRole('button', { name: 'Run Custom Optimization' });
    await custom.waitFor();
    expect((await custom.boundingBox())?.width).toBe(width);
    await field.fill('  Perform market analysis for design  ');
    await field.press('Control+Enter');
    await page.getByRole('heading', { name: 'Perform market analysis for design' }).waitFor();
    expect(demo.backend.state.started).toMatchObject([{ custom_prompt: 'Perform market analysis for design' }]);
  });

  test('is followed by asking where no stream can be had', async () => {
    demo.backend.withoutStreams(true);
    const going = run();
    demo.backend.state.runs.push(going);
    const page = await demo.goto(`/runs/${going.request_id}`);
    await page.getByText('this page asks every two seconds').waitFor();
    demo.backend.change(going.request_id, { current_step: 'Applying the purchasing policies' });
    await page.getByText('Applying the purchasing policies').waitFor();
    demo.backend.state.results.set(going.request_id, results(going.request_id));
    demo.backend.change(going.request_id, { status: 'completed' });
    await page.getByText('$89,750').waitFor();
    demo.backend.withoutStreams(false);
  });

  test('is stopped by the person, and run again', async () => {
    const going = run();
    demo.backend.state.runs.push(going);
    const page = await demo.goto(`/runs/${going.request_id}`);
    await press('Stop this run');
    await page.getByText('You stopped it').waitFor();
    await press('Run it again');
    await page.getByRole('button', { name: 'Stop this run' }).waitFor();
    expect(demo.backend.state.runs).toHaveLength(2);
    expect(page.url()).toBe(`${demo.origin}/runs/${onlyRun()}`);
  });

  test.each([
    ['expired', 'Nobody decided in time', 'Run it again to be asked anew'],
    ['revoked', 'What the agents may do was taken back', 'The consent was withdrawn.'],
    ['unreachable', 'A server does not answer', 'scripts/start-infra.sh starts what is not'],
    ['a_code_of_a_later_version', 'The run failed', 'a_code_of_a_later_version'],
  ])('that failed with %s says what happened and how to go on', async (code, title, words) => {
    const failed = run({ status: 'failed', error_code: code, error: 'The consent was withdrawn.' });
    demo.backend.state.runs.push(failed);
    const page = await demo.goto(`/runs/${failed.request_id}`);
    const alert = page.getByRole('alert');
    await alert.getByText(title).waitFor();
    await alert.getByText(words).waitFor();
    await alert.getByText(code, { exact: true }).waitFor();
    await alert.getByRole('button', { name: 'Run it again' }).waitFor();
  });

  test('has the agents’ whole reports, made harmless', async () => {
    const { request_id: id } = complete(demo.backend.state);
    const page = await demo.goto(`/runs/${id}`);
    await page.getByRole('tab', { name: 'Agents’ reports' }).click();
    const report = page.getByRole('article', { name: 'Report of the Supply Chain Optimizer Agent' });
    await report.getByRole('button', { name: 'Show all of it' }).click();
    await report.getByText('Order the MacBook Pro 14" M4 at Apple Business.').waitFor();
    await report.getByRole('cell', { name: 'Dell Direct' }).waitFor();
    expect(await report.locator('script').count()).toBe(0);
    await page.getByText('Risk: medium.').waitFor();
    await page.reload();
    await report.waitFor();
  });

  test('and what it came to are there after a reload, and in the history', async () => {
    complete(demo.backend.state, { prompt: 'The first one' });
    for (let number = 0; number < 20; number++) demo.backend.state.runs.unshift(run({ prompt: `Later ${number}` }));
    const page = await demo.goto('/');
    await page.getByRole('link', { name: 'All runs' }).click();
    const lines = page.getByRole('list', { name: 'Runs', exact: true }).getByRole('listitem');
    await expect.poll(() => lines.count()).toBe(20);
    await press('Show older ones');
    await lines.getByText('$89,750 to spend').waitFor();
    await lines.getByRole('link', { name: 'The first one' }).click();
    await page.getByText('$89,750').first().waitFor();
    await page.reload();
    await page.getByText('$89,750').first().waitFor();
    await page.getByRole('link', { name: 'History' }).click();
    await press('Clear those that have ended');
    await lines.getByText('The first one').waitFor({ state: 'detached' });
    await page.getByText('Later 19').waitFor();
  });

  test('that is not there says so', async () => {
    const page = await demo.goto('/runs/11111111-1111-4111-8111-111111111111');
    await page.getByRole('heading', { name: 'No such run' }).waitFor();
    await page.getByRole('link', { name: 'The history' }).click();
    await page.getByText('There are no runs').waitFor();
  });
});

describe.skipIf(!chromiumIsInstalled)('what the agents do', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.close());

  test('is listed newest first, chosen to be read, and cleared on demand', async () => {
    const { state } = demo.backend;
    complete(state);
    const page = await demo.open();
    await demo.goto('/');
    const lines = page.getByRole('list', { name: 'Agent activity' }).getByRole('listitem');
    await expect.poll(() => lines.count()).toBe(2);
    expect(await lines.first().textContent()).toContain('Supply Chain Optimizer Agent delivered its report');
    await lines.first().getByRole('button').click();
    await page.getByRole('region', { name: 'Supply Chain Optimizer Agent' }).getByText('IT hardware').waitFor();
    await page.reload();
    await page.getByRole('region', { name: 'Supply Chain Optimizer Agent' }).getByText('IT hardware').waitFor();

    const going = run();
    state.runs.unshift(going);
    state.activities.unshift(activity({ request_id: going.request_id }));
    demo.backend.change(going.request_id, { progress_percentage: 10 });
    await expect.poll(() => lines.count()).toBe(3);

    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('What the agents do appears here.').waitFor();
    expect(state.activities).toEqual([]);
    expect(demo.complaints).toEqual([]);
  });
});
