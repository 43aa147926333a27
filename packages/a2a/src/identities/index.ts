export { type CallerFetches, fetchForCaller } from './fetch-for-caller.ts';
export { createIdentities, type Identities, type IdentitiesOptions } from './identities.ts';
export { ownProviderRoutes } from './own-provider-routes.ts';
export { loadProviderKey } from './provider-key.ts';
