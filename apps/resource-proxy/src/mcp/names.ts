/**
 * How tools of several servers are called: by the name of the target, `_`, and the tool's own name. A target's name has no `_`, so
 * no two tools ever share a name. One target alone needs no prefix.
 */
export function shownName(targets: readonly { readonly name: string }[], target: string, name: string): string {
  return targets.length === 1 ? name : `${target}_${name}`;
}

/** What a client means by a name; undefined when no target is meant. */
export function resolveName(
  targets: readonly { readonly name: string }[],
  shown: string,
): { target: string; name: string } | undefined {
  const [only] = targets;
  if (targets.length === 1 && only) return { target: only.name, name: shown };
  const end = shown.indexOf('_');
  const target = shown.slice(0, Math.max(0, end));
  return targets.some(({ name }) => name === target) ? { target, name: shown.slice(end + 1) } : undefined;
}
