import type { CompiledRule } from '../policy/rules.ts';
import type { CorsPolicy } from './gateway-schema.ts';

export interface RouteMatch {
  readonly path: { readonly exact: string } | { readonly prefix: string };
  readonly method: string | undefined;
}

export interface Protection {
  readonly resourceId: string;
  /** Scopes that an auth token must grant on this route; a caller without them is told to ask for them. */
  readonly requiredScopes: readonly string[];
  /** Undefined admits everybody who is verified. */
  readonly rules: readonly CompiledRule[] | undefined;
}

/** A server that speaks MCP over its standard input and output. */
export interface StdioTarget {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A server that speaks MCP over HTTP. */
export interface HttpTarget {
  /** `host:port`. */
  readonly host: string;
  readonly path: string;
}

export type McpTarget = { readonly name: string } & ({ readonly stdio: StdioTarget } | { readonly http: HttpTarget });

export interface McpBackend {
  readonly targets: readonly McpTarget[];
  /** What may be used of what the servers offer; undefined: everything. */
  readonly rules: readonly CompiledRule[] | undefined;
}

export interface Route {
  readonly name: string;
  readonly matches: readonly RouteMatch[];
  /** Present on protected routes: nothing is forwarded before this resource has verified the request. */
  readonly protection: Protection | undefined;
  readonly a2a: boolean;
  readonly cors: CorsPolicy | undefined;
  /** The `Host` that the backend sees, where it is not the client's. */
  readonly authority: string | undefined;
  /** Seconds until the backend's response headers. */
  readonly timeout: number | undefined;
  /** `host:port`; empty where there is `mcp`. */
  readonly backend: string;
  /** MCP servers, in the place of a host. */
  readonly mcp?: McpBackend;
}

export interface Listener {
  /** Lower case, without port; undefined admits every host. */
  readonly hostname: string | undefined;
  readonly routes: readonly Route[];
}

export interface Bind {
  readonly port: number;
  readonly listeners: readonly Listener[];
}
