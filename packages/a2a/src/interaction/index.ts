export { callbackPath, createInteractionRelay, type InteractionRelay } from './interaction-relay.ts';
export { interactionRoutes } from './pages.ts';
export { passOnWaiting } from './pass-on-waiting.ts';
