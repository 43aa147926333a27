import { toCel } from '../policy/facts.ts';
import type { CompiledRule, RuleFacts } from '../policy/rules.ts';
import type { McpItem } from './messages.ts';

/** What one sender may use of what MCP servers offer. */
export interface ItemPolicy {
  /** Whether anything is left out at all. */
  readonly isSelective: boolean;
  /** Whether any rule admits a call. */
  mayUse(target: string, item: McpItem): boolean;
  /** Whether it is shown in a list: unless every rule is against it, whatever the arguments of a call would be. */
  mayList(target: string, item: McpItem): boolean;
}

/**
 * @param rules alternatives, as everywhere; undefined admits everything
 * @param facts what is known of the sender
 */
export function createItemPolicy(rules: readonly CompiledRule[] | undefined, facts: RuleFacts): ItemPolicy {
  if (!rules) return { isSelective: false, mayUse: () => true, mayList: () => true };
  const about = (target: string, { kind, name, arguments: given }: McpItem): RuleFacts => ({
    ...facts,
    mcp: { [kind]: { name, target, ...(given !== undefined && { arguments: toCel(given) }) } },
  });
  return {
    isSelective: true,
    mayUse: (target, item) => rules.some((rule) => rule.evaluate(about(target, item)) === true),
    mayList: (target, { kind, name }) =>
      rules.some((rule) => {
        const value = rule.evaluate(about(target, { kind, name }));
        return value === true || (typeof value === 'object' && lacksArguments(value.error));
      }),
  };
}

/** Whether a rule has no value only because nothing is called yet. */
function lacksArguments(error: string): boolean {
  return /\barguments\b/.test(error);
}
