import type { Edge, Facts } from './edges.ts';
import type { JaegerSpan } from './jaeger.ts';

/** Why a trace does not have an edge with all that it has to show; undefined when it does. */
export function missing(edge: Edge, trace: readonly JaegerSpan[]): string | undefined {
  const entries = trace.filter((span) => span.service === edge.to && callerOf(span, trace)?.service === edge.from);
  if (entries.length === 0) return `No span of ${edge.to} was caused by ${edge.from}.`;
  const fitting = entries.filter(({ operation }) => operation === edge.operation);
  if (fitting.length === 0) {
    const operations = [...new Set(entries.map(({ operation }) => operation))];
    return `${edge.from} causes ${operations.join(', ')} at ${edge.to}, but not ${edge.operation}.`;
  }
  const calls = fitting.map((entry) => spansOfCall(entry, trace));
  const unmet = calls.map((call) => edge.shows.find((facts) => !call.some((span) => shows(span, facts))));
  if (unmet.some((facts) => facts === undefined)) return undefined;
  return `No call from ${edge.from} to ${edge.operation} at ${edge.to} shows ${describe(unmet[0] ?? {})}.`;
}

/** The spans without a parent, or whose parent has not arrived. */
export function rootsOf(trace: readonly JaegerSpan[]): JaegerSpan[] {
  const ids = new Set(trace.map(({ id }) => id));
  return trace.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
}

/** The span of another service that called, if this is where a call arrives. */
function callerOf(span: JaegerSpan, trace: readonly JaegerSpan[]): JaegerSpan | undefined {
  const parent = trace.find(({ id }) => id === span.parentId);
  return parent && parent.service !== span.service ? parent : undefined;
}

/** The calling span, and what the called service did for the call by itself. */
function spansOfCall(entry: JaegerSpan, trace: readonly JaegerSpan[]): JaegerSpan[] {
  const own = [entry];
  for (const span of own) {
    own.push(...trace.filter(({ parentId, service }) => parentId === span.id && service === entry.service));
  }
  const caller = callerOf(entry, trace);
  return caller ? [caller, ...own] : own;
}

function shows(span: JaegerSpan, facts: Facts): boolean {
  return [span.attributes, ...span.events].some((attributes) =>
    Object.entries(facts).every(([name, expected]) => equals(attributes[name], expected)),
  );
}

function equals(actual: unknown, expected: Facts[string]): boolean {
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual);
  // Jaeger gives lists as JSON texts.
  if (typeof expected === 'object') return sorted(actual) === JSON.stringify([...expected].sort());
  return actual === expected;
}

function sorted(actual: unknown): string {
  const list: unknown = typeof actual === 'string' ? JSON.parse(actual) : actual;
  return JSON.stringify(Array.isArray(list) ? list.toSorted() : list);
}

function describe(facts: Facts): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
