import type { Step } from '../environment.ts';
import { currentSession } from './person-session.ts';

/** Refuses a request that is not the person's. */
export const checkSession: Step = async function checkSession(c, next) {
  currentSession(c);
  await next();
};
