import { randomUUID } from 'node:crypto';
import { type Message, Role, type Task, TaskState } from '@a2a-js/sdk';
import {
  AgentEvent,
  type AgentExecutor,
  type ExecutionEventBus,
  type RequestContext,
  type ServerCallContext,
} from '@a2a-js/sdk/server';
import { AAuthError, DeferredError } from '@aauth-stack/aauth/errors';
import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import { dataOf, type Reply, textOf, textPart, toParts } from '../parts.ts';
import type { AnswerLater, Deferral } from './deferral.ts';

/** A message to the agent. */
export interface AgentRequest {
  text: string;
  /** The first structured part, if the message has one. */
  data?: Readonly<Record<string, unknown>>;
  /** Who sent it, as the proxy verified. */
  principal: ForwardedPrincipal;
  /** What the caller says it can handle while it waits: `interaction`, `clarification`, … */
  capabilities: readonly string[];
  /** Aborted when the caller cancels the task, or the call while it is held. */
  signal: AbortSignal;
  /** Tells whoever watches what the agent is doing. */
  onStatus(text: string): void;
  answerLater: AnswerLater;
}

/** What is known of the HTTP request that a task came with. */
export interface CallFacts {
  principal: ForwardedPrincipal;
  capabilities: readonly string[];
  deferral: Deferral;
}

export type Execute = (request: AgentRequest) => Promise<Reply>;

export interface ExecutorOptions {
  execute: Execute;
  factsOf(context: ServerCallContext): CallFacts;
  /** Told of what `execute` throws. */
  onFailure(error: unknown): void;
  now(): Date;
}

/** Runs each message as a task: working, one artifact with the reply, completed; or failed with the reason. */
export function createExecutor(options: ExecutorOptions): AgentExecutor {
  const running = new Map<string, { controller: AbortController; task: TaskEvents }>();
  const { execute, factsOf, onFailure, now } = options;

  function cancel(taskId: string): void {
    const run = running.get(taskId);
    // What is waited for further down is taken back too.
    run?.controller.abort(new DeferredError('abandoned', 'The task was canceled.'));
    run?.task.status(TaskState.TASK_STATE_CANCELED, 'Canceled as asked.');
  }

  return {
    async execute({ userMessage, taskId, contextId, context }, bus) {
      const task = new TaskEvents({ taskId, contextId }, bus, now);
      const controller = new AbortController();
      const { principal, capabilities, deferral } = factsOf(context);
      running.set(taskId, { controller, task });
      deferral.start(() => cancel(taskId));
      task.start(userMessage);
      try {
        const reply = await execute({
          text: textOf(userMessage.parts),
          data: dataOf(userMessage.parts),
          principal,
          capabilities,
          answerLater: deferral,
          signal: controller.signal,
          onStatus(text) {
            if (!controller.signal.aborted) task.status(TaskState.TASK_STATE_WORKING, text);
          },
        });
        if (!controller.signal.aborted) task.complete(reply);
      } catch (error) {
        if (controller.signal.aborted) return;
        onFailure(error);
        task.status(TaskState.TASK_STATE_FAILED, failureText(error));
      } finally {
        running.delete(taskId);
        deferral.begin();
      }
    },
    async cancelTask(taskId) {
      cancel(taskId);
    },
  };
}

function failureText(error: unknown): string {
  return error instanceof AAuthError ? error.message : 'The agent could not answer. Its log has the reason.';
}

class TaskEvents {
  readonly #task: Pick<RequestContext, 'taskId' | 'contextId'>;
  readonly #bus: ExecutionEventBus;
  readonly #now: () => Date;

  constructor(task: Pick<RequestContext, 'taskId' | 'contextId'>, bus: ExecutionEventBus, now: () => Date) {
    this.#task = task;
    this.#bus = bus;
    this.#now = now;
  }

  start(message: Message): void {
    const { taskId: id, contextId } = this.#task;
    const status = { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp: this.#timestamp() };
    const task: Task = { id, contextId, status, artifacts: [], history: [message], metadata: undefined };
    this.#bus.publish(AgentEvent.task(task));
  }

  status(state: TaskState, text?: string): void {
    const message = text === undefined ? undefined : agentMessage(this.#task, { text });
    this.#bus.publish(
      AgentEvent.statusUpdate({
        ...this.#task,
        status: { state, message, timestamp: this.#timestamp() },
        metadata: undefined,
      }),
    );
  }

  complete(reply: Reply): void {
    this.#bus.publish(
      AgentEvent.artifactUpdate({
        ...this.#task,
        artifact: {
          artifactId: randomUUID(),
          name: 'reply',
          description: '',
          parts: toParts(reply),
          metadata: undefined,
          extensions: [],
        },
        append: false,
        lastChunk: true,
        metadata: undefined,
      }),
    );
    this.status(TaskState.TASK_STATE_COMPLETED);
  }

  #timestamp(): string {
    return this.#now().toISOString();
  }
}

function agentMessage(task: Pick<RequestContext, 'taskId' | 'contextId'>, { text }: Reply): Message {
  return {
    ...task,
    messageId: randomUUID(),
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}
