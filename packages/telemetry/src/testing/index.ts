export { createOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts';
export type { ReceivedSpan } from './received-span.ts';
