import { expect, test } from 'vitest';
import { StartupError } from '../startup-error.ts';
import { loadConfigured } from './index.ts';

test('what cannot be loaded is named with the variable that leads to it, and why', async () => {
  expect(await loadConfigured('KEY_FILE', '/keys/a.pem', async (file) => `contents of ${file}`)).toBe(
    'contents of /keys/a.pem',
  );
  const cause = new Error('it is readable by others; chmod 600 it');
  const failing = loadConfigured('KEY_FILE', '/keys/a.pem', () => Promise.reject(cause));
  await expect(failing).rejects.toThrow(
    new StartupError('KEY_FILE=/keys/a.pem cannot be used: it is readable by others; chmod 600 it', { cause }),
  );
});
