export { type BuiltPages, type BuiltPagesOptions, createBuiltPages } from './built-pages.ts';
export { type PlainPage, plainPage } from './plain-page.ts';
