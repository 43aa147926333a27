export { createHttpFetch, type HttpFetch, type HttpFetchOptions } from './fetch.ts';
