import type { ListTasksRequest, ListTasksResponse, Task } from '@a2a-js/sdk';
import { InMemoryTaskStore, type ServerCallContext, type TaskStore } from '@a2a-js/sdk/server';

/**
 * Keeps the latest tasks of each caller in memory and forgets older ones: at least `capacity` of them in all, at most
 * twice as many. A reply is delivered with its request, so a forgotten task loses nobody a result.
 */
export class RecentTaskStore implements TaskStore {
  readonly #capacity: number;
  #current = new InMemoryTaskStore();
  #previous = new InMemoryTaskStore();
  #ids = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async save(task: Task, context: ServerCallContext): Promise<void> {
    if (!this.#ids.has(task.id) && this.#ids.size >= this.#capacity) {
      this.#previous = this.#current;
      this.#current = new InMemoryTaskStore();
      this.#ids = new Set();
    }
    this.#ids.add(task.id);
    await this.#current.save(task, context);
  }

  async load(taskId: string, context: ServerCallContext): Promise<Task | undefined> {
    return (await this.#current.load(taskId, context)) ?? (await this.#previous.load(taskId, context));
  }

  /** Lists the newer half only: pages would otherwise repeat tasks that moved over. */
  async list(params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> {
    return this.#current.list(params, context);
  }
}
