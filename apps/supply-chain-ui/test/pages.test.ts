import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromiumIsInstalled } from './support/chromium.ts';
import { type Demo, expectAccessible, keepPicture, startDemo } from './support/demo.ts';

const settings = {
  backend_url: 'http://localhost:1',
  person_server_url: 'http://person-server.localhost:8765',
  oidc: null,
};

describe.skipIf(!chromiumIsInstalled)('the pages', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo(settings, [settings.backend_url]);
  });
  afterEach(async () => {
    expect(demo.complaints.splice(0)).toEqual([]);
    await demo.page.context().close();
  });
  afterAll(() => demo.close());

  test('begin with what there is to do', async () => {
    await demo.open();
    const page = await demo.goto('/');
    await page.getByRole('button', { name: 'Optimize Laptop Supply Chain' }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, 'start');
  });
});
