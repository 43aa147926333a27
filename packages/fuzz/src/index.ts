export { describeTargets } from './describe-targets.ts';
export type { FuzzTarget, FuzzTargets } from './target.ts';
