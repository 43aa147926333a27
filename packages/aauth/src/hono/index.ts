export { type AAuthContext, type AAuthEnv, type AAuthMiddlewareOptions, aauth } from './aauth.ts';
export { type ProblemLog, problemHandler } from './problem-handler.ts';
