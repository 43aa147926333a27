export { type BuiltPages, type BuiltPagesOptions, createBuiltPages } from './built-pages.ts';
