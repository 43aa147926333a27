export { describeRequester, type RequestedBy } from './requested-by.ts';
