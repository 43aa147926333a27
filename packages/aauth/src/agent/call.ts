import type { ServerMetadata } from '../discovery/types.ts';
import type { ServerIdentifier } from '../identifiers.ts';
import type { Upstream } from './access.ts';
import type { Agent, SharedEvent } from './agent.ts';
import type { BufferedRequest } from './buffered-request.ts';
import type { ClarificationHandler } from './clarification.ts';

/** One call of an agent's fetch, from its request to its response. */
export interface Call {
  readonly agent: Agent;
  readonly request: BufferedRequest;
  readonly resource: ServerIdentifier;
  /** The resource's metadata; absent when it has none that can be used. */
  readonly metadata: ServerMetadata | undefined;
  /** Where this call gets its tokens; absent when there is nobody to ask. */
  readonly personServer: ServerIdentifier | undefined;
  readonly upstream: Upstream | undefined;
  /** The piece of work that it belongs to; absent for the agent at large. */
  readonly work: symbol | undefined;
  /** What the call may be asked to do while it waits. */
  readonly capabilities: readonly string[];
  readonly justification: string | undefined;
  readonly onClarification: ClarificationHandler | undefined;
  readonly emit: (event: SharedEvent) => void;
}
