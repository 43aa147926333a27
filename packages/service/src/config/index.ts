export * from './config-error.ts';
export * from './env.ts';
export * from './load-configured.ts';
export * from './parse-config.ts';
export * from './service-env.ts';
