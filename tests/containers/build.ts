import type { TestProject } from 'vitest/node';
import { compose, docker, forget } from './deployment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether there is a Docker engine on this machine. */
    engine: boolean;
  }
}

/** Builds the images as a user does, and leaves neither containers nor volumes behind. */
export default async function build(project: TestProject): Promise<() => Promise<void>> {
  const found = await docker(['info']).catch(() => undefined);
  project.provide('engine', found?.code === 0);
  if (found?.code !== 0) {
    process.stdout.write('SKIPPED: there is no Docker engine on this machine.\n');
    return async () => {};
  }
  await forget();
  await compose(['--profile', 'scaled', 'build']);
  return forget;
}
