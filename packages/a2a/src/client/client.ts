import { randomUUID } from 'node:crypto';
import {
  A2A_PROTOCOL_VERSION,
  A2A_VERSION_HEADER,
  AgentCard,
  type Message,
  type Part,
  Role,
  type SendMessageRequest,
  type Task,
  TaskState,
} from '@a2a-js/sdk';
import { JsonRpcTransportFactory, type Transport } from '@a2a-js/sdk/client';
import { dataOf, type Reply, textOf, textPart } from '../parts.ts';
import { A2ACallError, toCallError } from './call-error.ts';
import { checkResponse } from './check-response.ts';
import { limitResponse } from './limit-response.ts';
import { createPatience, type Patience } from './patience.ts';

export interface A2AClientOptions {
  /** Where the agent takes calls. */
  url: string;
  /** Signs, for an agent behind AAuth. */
  fetch: typeof globalThis.fetch;
  /** How long a call may take where the caller brings no patience of its own, in milliseconds. Default 120 000. */
  timeoutMs?: number;
}

export interface SendOptions {
  signal?: AbortSignal;
  /** Told what the agent says it is doing. The call then streams. */
  onStatus?: (update: { text: string }) => void;
  /** How long the call may take, pauses left out. */
  patience?: Patience;
}

export interface A2AClient {
  /**
   * Sends a message and waits for the reply.
   *
   * @throws A2ACallError for everything but an abort by `signal`, which rejects with the signal's reason
   */
  send(text: string, options?: SendOptions): Promise<Reply>;
}

const terminalFailures: Readonly<Partial<Record<TaskState, string>>> = {
  [TaskState.TASK_STATE_FAILED]: 'task_failed',
  [TaskState.TASK_STATE_CANCELED]: 'task_canceled',
  [TaskState.TASK_STATE_REJECTED]: 'task_rejected',
};

/** A client of one A2A 1.0 agent. */
export function createA2AClient({ url, fetch, timeoutMs = 120_000 }: A2AClientOptions): A2AClient {
  const endpoint = new URL(url).href;
  const fetchImpl: typeof fetch = async (input, init) => checkResponse(limitResponse(await fetch(input, init)));
  const transport = new JsonRpcTransportFactory({ fetchImpl }).create(endpoint, AgentCard.fromJSON({}));
  const serviceParameters = { [A2A_VERSION_HEADER]: A2A_PROTOCOL_VERSION };
  return {
    async send(text, { signal, onStatus, patience = createPatience(timeoutMs) } = {}) {
      const timeout = patience.signal;
      const options = { signal: signal ? AbortSignal.any([signal, timeout]) : timeout, serviceParameters };
      try {
        signal?.throwIfAborted();
        const request = createRequest(text);
        if (onStatus) return await watch((await transport).sendMessageStream(request, options), onStatus);
        return replyOf(await (await transport).sendMessage(request, options));
      } catch (error) {
        signal?.throwIfAborted();
        throw toCallError(timeout.aborted ? timeout.reason : error);
      }
    },
  };
}

function createRequest(text: string): SendMessageRequest {
  return {
    tenant: '',
    message: {
      messageId: randomUUID(),
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [textPart(text)],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: undefined,
    metadata: undefined,
  };
}

async function watch(
  events: ReturnType<Transport['sendMessageStream']>,
  onStatus: (update: { text: string }) => void,
): Promise<Reply> {
  const parts: Part[] = [];
  for await (const { payload } of events) {
    if (payload?.$case === 'message' || (payload?.$case === 'task' && isFinished(payload.value))) {
      return replyOf(payload.value);
    }
    if (payload?.$case === 'artifactUpdate') parts.push(...(payload.value.artifact?.parts ?? []));
    if (payload?.$case === 'statusUpdate' && readStatus(payload.value.status, onStatus)) return toReply(parts);
  }
  throw new A2ACallError('interrupted', 'The stream ended before the reply was complete.');
}

/** @returns whether the task is complete */
function readStatus(status: Task['status'], onStatus: (update: { text: string }) => void): boolean {
  if (!status) return false;
  checkState(status);
  const text = textOf(status.message?.parts ?? []);
  if (text) onStatus({ text });
  return status.state === TaskState.TASK_STATE_COMPLETED;
}

function replyOf(result: Message | Task): Reply {
  if ('messageId' in result) return toReply(result.parts);
  if (result.status) checkState(result.status);
  if (!isFinished(result))
    throw new A2ACallError('invalid_response', 'The agent answered before its task was finished.');
  return toReply(result.artifacts.flatMap((artifact) => artifact.parts));
}

function checkState({ state, message }: NonNullable<Task['status']>): void {
  const code = terminalFailures[state];
  if (code) throw new A2ACallError(code, textOf(message?.parts ?? []) || 'The agent gives no reason.');
}

function isFinished(task: Task): boolean {
  const state = task.status?.state;
  return state === TaskState.TASK_STATE_COMPLETED || (state !== undefined && terminalFailures[state] !== undefined);
}

function toReply(parts: readonly Part[]): Reply {
  const text = textOf(parts);
  const data = dataOf(parts);
  if (!text && !data) throw new A2ACallError('invalid_response', 'The reply has neither text nor data.');
  return data ? { text, data } : { text };
}
