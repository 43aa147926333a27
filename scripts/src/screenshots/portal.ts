import type { Page } from 'playwright-core';
import { addresses } from '../services.ts';
import type { Camera } from './camera.ts';
import { signIn } from './demo.ts';

const portal = `${addresses.personServer}/ui`;

/** The pages of the Person Server, as somebody sees them for whom agents wait. */
export interface PortalScenes {
  /** Lets an agent wait for its approval while something is done. */
  whileEnrolling(action: () => Promise<void>): Promise<void>;
  /** Lets an agent ask for access while something is done. */
  whileAsked(action: () => Promise<void>): Promise<void>;
}

export async function takePortal(camera: Camera, scenes: PortalScenes): Promise<void> {
  const page = await camera.open();
  await page.goto(`${portal}/agents`);
  await page.getByLabel('Portal token').waitFor();
  await camera.take(page, 'portal/sign-in');
  await signIn(page);

  await scenes.whileEnrolling(async () => {
    await page.goto(`${portal}/agents`);
    await page.getByRole('button', { name: /^Approve / }).waitFor();
    await camera.take(page, 'portal/agents');
    await page.emulateMedia({ colorScheme: 'dark' });
    await camera.take(page, 'portal/agents-dark');
    await page.emulateMedia({ colorScheme: 'light' });
  });
  await scenes.whileAsked(async () => {
    await page.goto(`${portal}/requests`);
    await page.getByRole('link', { name: /Requests 1 waiting/ }).waitFor();
    await takePage(camera, page, 'requests');
  });
  for (const name of ['consents', 'tokens', 'activity', 'settings', 'server']) {
    await page.goto(`${portal}/${name}`);
    await takePage(camera, page, name);
  }
  await page.context().close();
}

async function takePage(camera: Camera, page: Page, name: string): Promise<void> {
  await page.locator('main h2').first().waitFor();
  await camera.take(page, `portal/${name}`);
}
