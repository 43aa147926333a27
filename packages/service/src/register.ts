/** Loaded before every service, with `node --import @aauth-stack/service/register`. */
import './quick-imports.ts';
import '@aauth-stack/telemetry/register';
