import { randomUUID } from 'node:crypto';
import { type Message, Role, type SendMessageRequest, type Task, TaskState } from '@a2a-js/sdk';
import { DefaultRequestHandler, type ServerCallContext } from '@a2a-js/sdk/server';

/**
 * Answers a finished send with the reply itself, as a message that names its task, since many clients read the parts of
 * a message and nothing else. Who wants the task asks for it; a task that failed is answered as such.
 */
export class ReplyingRequestHandler extends DefaultRequestHandler {
  override async sendMessage(params: SendMessageRequest, context: ServerCallContext): Promise<Message | Task> {
    const result = await super.sendMessage(params, context);
    if ('messageId' in result || result.status?.state !== TaskState.TASK_STATE_COMPLETED) return result;
    return {
      messageId: randomUUID(),
      contextId: result.contextId,
      taskId: result.id,
      role: Role.ROLE_AGENT,
      parts: result.artifacts.flatMap((artifact) => artifact.parts),
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    };
  }
}
