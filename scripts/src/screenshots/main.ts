import { StartupError } from '@aauth-stack/service/main';
import { withStack } from '../guides/stack.ts';
import { say, sayError } from '../terminal.ts';
import { openCamera } from './camera.ts';
import { takeDemo } from './demo.ts';
import { takePortal } from './portal.ts';
import { createScenes } from './scenes.ts';

/** Takes the pictures of the docs anew, of the pages of a stack that is started for it. */
async function main(): Promise<void> {
  const taken = await withStack(['./scripts/start-infra.sh user-consent'], async () => {
    const camera = await openCamera();
    const scenes = createScenes();
    try {
      await takeDemo(camera);
      await takePortal(camera, scenes);
    } finally {
      await scenes.close();
      await camera.close();
    }
    return camera.taken;
  });
  say(`Taken: ${taken.join(', ')}.`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  sayError(error instanceof StartupError ? error.message : error);
  process.exit(1);
}
