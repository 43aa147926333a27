import { type CelInput, CelScalar, celEnv, isCelError, mapType, parse, plan } from '@bufbuild/cel';
import { unknownNames } from './unknown-names.ts';

const dynamicMap = mapType(CelScalar.STRING, CelScalar.DYN);

const variables = { extauthz: dynamicMap, aauth: dynamicMap, request: dynamicMap, a2a: dynamicMap, mcp: dynamicMap };
const environment = celEnv({ variables });

/** What a rule about a request can see. */
const requestRuleNames = ['extauthz', 'aauth', 'request', 'a2a'] as const;

/** What a rule can see about something that an MCP server offers. */
export const itemRuleNames = ['extauthz', 'aauth', 'request', 'mcp'] as const;

/** What a rule can see. */
export interface RuleFacts {
  /** As the ext_authz metadata of the known demo names them. */
  readonly extauthz: { [name: string]: CelInput };
  /** The same facts and those that only this gateway has. */
  readonly aauth: { [name: string]: CelInput };
  readonly request: { [name: string]: CelInput };
  /** `method`, where the body calls one and the route has the a2a policy. */
  readonly a2a?: { [name: string]: CelInput };
  /** One of `tool`, `prompt` and `resource`, each with `name` and `target`, and `arguments` of a call. */
  readonly mcp?: { [name: string]: CelInput };
}

/** A CEL rule, planned once. */
export interface CompiledRule {
  readonly expression: string;
  /** `true` only when the rule's value is the boolean true; an error is the reason it has no value. */
  evaluate(facts: RuleFacts): boolean | { readonly error: string };
}

export type Compilation =
  | { readonly ok: true; readonly rule: CompiledRule }
  | { readonly ok: false; readonly reason: string };

/**
 * Parses and plans a rule; one that names an unknown variable or function is refused here, not at the first request.
 *
 * @param names the variables that it may use
 */
export function compileRule(expression: string, names: readonly (keyof RuleFacts)[] = requestRuleNames): Compilation {
  try {
    const parsed = parse(expression);
    const unknown = unknownNames(parsed.expr, environment, names);
    if (unknown.length > 0) {
      return { ok: false, reason: `unknown ${unknown.join(', ')}; rules see ${names.join(', ')}` };
    }
    const evaluate = plan(environment, parsed);
    const rule: CompiledRule = {
      expression,
      evaluate(facts) {
        const result = evaluate({ a2a: {}, mcp: {}, ...facts });
        if (isCelError(result)) return { error: result.message };
        return result === true ? true : typeof result === 'boolean' ? false : { error: 'its value is not a boolean' };
      },
    };
    return { ok: true, rule };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What the rules of a route say together: they are alternatives. */
export interface RulesDecision {
  readonly allowed: boolean;
  /** Rules that have no value, and why. They count as false. */
  readonly errors: readonly { readonly rule: string; readonly error: string }[];
}

/** Whether any of the rules is true. */
export function decide(rules: readonly CompiledRule[], facts: RuleFacts): RulesDecision {
  const errors: { rule: string; error: string }[] = [];
  for (const rule of rules) {
    const result = rule.evaluate(facts);
    if (result === true) return { allowed: true, errors };
    if (result !== false) errors.push({ rule: rule.expression, error: result.error });
  }
  return { allowed: false, errors };
}
