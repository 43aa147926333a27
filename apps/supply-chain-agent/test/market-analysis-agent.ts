import { a2aApp, createCard, type Execute } from '@aauth-stack/a2a/server';
import { serve } from '@aauth-stack/service/http';
import { captureLog } from '@aauth-stack/service/testing';
import { proxySecret } from './forwarded.ts';

/** A market-analysis agent that answers as the test wants, on a port of its own. */
export async function startMarketAnalysisAgent(execute: Execute) {
  const texts: string[] = [];
  const { log } = captureLog();
  const card = createCard({
    name: 'Market Analysis Agent',
    description: 'Stands in for the real one.',
    version: '1.0.0',
    url: 'http://market-analysis-agent.localhost:3000/',
    iconUrl: 'https://market-analysis.demo.com/icon.png',
    documentationUrl: 'https://docs.demo.corp/agents/market-analysis',
    scopes: [],
    skills: [],
  });
  const app = a2aApp({
    card,
    extendedCard: card,
    proxySecret,
    execute(request) {
      texts.push(request.text);
      return execute(request);
    },
    log,
    now: () => new Date(),
  });
  const server = await serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, log, drainMs: 100 });
  return { url: server.url, texts, close: () => server.close() };
}
