import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { z } from 'zod';

const question = z.object({ type: z.literal('metrics of all workers?'), id: z.string() });
const answer = z.object({ type: z.literal('metrics of all workers'), id: z.string(), text: z.string() });

/**
 * Makes what tells the metrics of every worker added up, whichever of them is asked. A process that is no worker tells its own.
 *
 * @param registry what this process counts
 */
export function textOfAllWorkers(registry: Registry): () => Promise<string> {
  const { worker } = cluster;
  if (!worker) return () => registry.metrics();
  AggregatorRegistry.setRegistries(registry);
  // Answers the process above when that adds up.
  new AggregatorRegistry();
  return () => {
    const asked = { type: 'metrics of all workers?', id: randomUUID() } satisfies z.infer<typeof question>;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const listen = (message: unknown) => {
      const { data } = answer.safeParse(message);
      if (data?.id !== asked.id) return;
      stopListening();
      resolve(data.text);
    };
    const timer = setTimeout(() => {
      stopListening();
      reject(new Error('The metrics of the other workers did not come.'));
    }, 6_000);
    const stopListening = () => {
      clearTimeout(timer);
      worker.off('message', listen);
    };
    worker.on('message', listen);
    worker.send(asked);
    return promise;
  };
}

/** Answers workers that are asked for the metrics of all; for the process that started them. */
export function answerMetrics(): void {
  const registry = new AggregatorRegistry();
  cluster.on('message', async (worker: Worker, message: unknown) => {
    const { data } = question.safeParse(message);
    if (!data) return;
    try {
      const text = await registry.clusterMetrics();
      worker.send({ type: 'metrics of all workers', id: data.id, text } satisfies z.infer<typeof answer>);
    } catch {
      // A worker has ended meanwhile; whoever asked is told that no answer came.
    }
  });
}
