import { registerHooks } from 'node:module';

/**
 * For every import between the `.js` files of a package Node 26 parses the package.json once more, and that of drizzle-orm lists
 * hundreds of exports: it took a third of the time that a service needs to start. The package says `"type": "module"`.
 */
const folder = '/node_modules/drizzle-orm/';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context;
    if (parentURL?.includes(folder) && /^\.\.?\/.*\.js$/.test(specifier)) {
      return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true };
    }
    return nextResolve(specifier, context);
  },
});
