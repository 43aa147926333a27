import { systemClock, systemSleep } from '@aauth-stack/aauth/clock';
import { createAdmittedFetch, createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { createLogger } from '@aauth-stack/service/logger';
import { runService } from '@aauth-stack/service/main';
import { loadConfig } from './config.ts';
import { createPersonServer } from './person-server.ts';
import { builtPortalFolder } from './portal/routes.ts';

const name = 'person-server';

await runService(name, async () => {
  const warnings: string[] = [];
  const config = loadConfig(process.env, (message) => warnings.push(message));
  const { host, port, localhostDns, identifiers } = config;
  const log = createLogger({ name, level: config.logLevel });
  for (const warning of warnings) log.warn(warning);
  const fetch = createHttpFetch({ localhostDns });
  const admission = { allowLoopback: identifiers.allowLoopback, localhostDns };
  const admittedFetch = createAdmittedFetch(admission);
  const personServer = await createPersonServer(config, {
    now: systemClock,
    sleep: systemSleep,
    keys: nodeKeys,
    fetch,
    admittedFetch,
    egress: createEgressFetch(admission),
    log,
    portal: builtPortalFolder,
    announce: (line) => process.stdout.write(`${line}\n`),
  });
  const server = await serve({ fetch: personServer.fetch, hostname: host, port, log });
  personServer.start();
  return {
    async close() {
      personServer.drain();
      await server.close();
      await personServer.close();
      await fetch.close();
      await admittedFetch.close();
    },
  };
});
