import { systemClock, systemSleep } from '@aauth-stack/aauth/clock';
import { createAdmittedFetch, createEgressFetch, createHttpFetch, nodeKeys } from '@aauth-stack/aauth/node';
import { serve } from '@aauth-stack/service/http';
import { configure, runService } from '@aauth-stack/service/main';
import { createAgentProvider } from './agent-provider.ts';
import { loadConfig } from './config.ts';

const name = 'agent-provider';

await runService(name, async () => {
  const { config, log } = configure(name, process.env, loadConfig);
  const { host, port, localhostDns, identifiers } = config;
  if (identifiers.allowLoopback) log.warn('loopback identifiers over http are admitted: for development only');
  const fetch = createHttpFetch({ localhostDns });
  const admission = { ...identifiers, localhostDns };
  const admittedFetch = createAdmittedFetch(admission);
  const provider = await createAgentProvider(config, {
    now: systemClock,
    sleep: systemSleep,
    keys: nodeKeys,
    fetch,
    egress: createEgressFetch(admission),
    admittedFetch,
    log,
  });
  const server = await serve({ fetch: provider.fetch, hostname: host, port, log });
  log.info({ issuer: config.issuer, person_server: config.personServer }, `${config.issuer} enrols agents`);
  return {
    async close() {
      await provider.drain();
      await server.close();
      await provider.close();
      await Promise.all([fetch.close(), admittedFetch.close()]);
    },
  };
});
