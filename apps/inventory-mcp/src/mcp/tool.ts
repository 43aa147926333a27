import type { ForwardedPrincipal } from '@aauth-stack/aauth/resource';
import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import type { Database } from '../db/database.ts';

/** What a tool can use while it works for one caller. */
export interface ToolContext {
  readonly database: Database;
  readonly caller: ForwardedPrincipal;
  readonly now: () => Date;
  /** Aborted when the caller cancels the call. */
  readonly signal: AbortSignal;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: z.ZodObject;
  readonly outputSchema: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** @param input checked by the input schema's owner, the MCP server */
  run(input: unknown, context: ToolContext): Promise<object>;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject>
  extends Omit<Tool, 'inputSchema' | 'outputSchema' | 'run'> {
  readonly inputSchema: Input;
  readonly outputSchema: Output;
  run(input: z.output<Input>, context: ToolContext): Promise<z.input<Output>>;
}

/** A tool whose input and output are what its schemas say. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  return {
    ...definition,
    run: (input, context) => definition.run(definition.inputSchema.parse(input), context),
  };
}

/** Reading changes nothing, and reads the company's own data only. */
export const readOnly: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
