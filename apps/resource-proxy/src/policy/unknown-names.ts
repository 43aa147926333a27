import type { CelEnv, parse } from '@bufbuild/cel';

type Expression = ReturnType<typeof parse>['expr'];

const typeNames = new Set([
  'bool',
  'bytes',
  'double',
  'dyn',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
]);

/**
 * The variables and functions of an expression that nobody defines. Evaluation would report them too, but only once a
 * request comes, and as a rule that is never true.
 */
export function unknownNames(expression: Expression, env: CelEnv, variables: readonly string[]): string[] {
  const unknown = new Set<string>();
  visit(expression, new Set(variables));
  return [...unknown];

  function visit(node: Expression | undefined, scope: ReadonlySet<string>): void {
    const kind = node?.exprKind;
    switch (kind?.case) {
      case 'identExpr':
        if (!scope.has(kind.value.name) && !typeNames.has(kind.value.name)) unknown.add(kind.value.name);
        return;
      case 'selectExpr':
        visit(kind.value.operand, scope);
        return;
      case 'callExpr': {
        const { function: name, target, args } = kind.value;
        // Operators have names such as `_&&_`, which the planner knows by itself.
        if (/^[a-z]/i.test(name) && !env.funcs.find(name)) unknown.add(`${name}()`);
        for (const child of [target, ...args]) visit(child, scope);
        return;
      }
      case 'listExpr':
        for (const element of kind.value.elements) visit(element, scope);
        return;
      case 'structExpr':
        for (const { keyKind, value } of kind.value.entries) {
          if (keyKind.case === 'mapKey') visit(keyKind.value, scope);
          visit(value, scope);
        }
        return;
      case 'comprehensionExpr': {
        const { iterVar, iterVar2, iterRange, accuVar, accuInit, loopCondition, loopStep, result } = kind.value;
        visit(iterRange, scope);
        visit(accuInit, scope);
        const inner = new Set([...scope, iterVar, iterVar2, accuVar]);
        for (const child of [loopCondition, loopStep, result]) visit(child, inner);
        return;
      }
      default:
    }
  }
}
