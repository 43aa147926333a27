import { stopStack } from './stop.ts';
import { say, sayError } from './terminal.ts';

try {
  const stopped = await stopStack();
  say(stopped.length > 0 ? `Stopped: ${stopped.join(', ')}.` : 'Nothing to stop.');
} catch (error) {
  sayError(error);
  process.exit(1);
}
