import type { ViewRequest } from '../consent/request-view.ts';
import type { AppContext } from '../environment.ts';
import { clientAddress } from '../session/client-address.ts';
import { currentSession } from '../session/person-session.ts';
import { type ArriveOptions, arrive } from './arrive.ts';

export interface InteractionRouteOptions extends ArriveOptions {
  viewRequest: ViewRequest;
}

/** GET /consent?code=&callback=: the request that an agent's link leads to. */
export function openByCode({ viewRequest, ...options }: InteractionRouteOptions) {
  return async (c: AppContext) => {
    const request = await arrive(options, {
      session: currentSession(c),
      address: clientAddress(c),
      code: c.req.query('code') ?? '',
      callback: c.req.query('callback'),
    });
    return c.json(await viewRequest(request));
  };
}
