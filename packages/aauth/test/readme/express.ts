import { RequestError } from '@aauth-stack/aauth/errors';
import { verifyNodeRequest } from '@aauth-stack/aauth/node';
import { toProblem } from '@aauth-stack/aauth/problem';
import type { Resource } from '@aauth-stack/aauth/resource';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';

/** Lets verified requests through. It reads the body itself: what is signed are its bytes, so it comes before any body parser. */
function aauth(resource: Resource, requiredScopes?: readonly string[]): RequestHandler {
  return async function aauth(req, res, next) {
    const { verdict, body } = await verifyNodeRequest(resource, req, { requiredScopes });
    if (!verdict.ok) {
      res.status(verdict.response.status).set(verdict.response.headers).send(verdict.response.body);
      return;
    }
    res.locals.principal = verdict.principal;
    req.body = body && parseJson(body);
    next();
  };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new RequestError('invalid_request', 'The body is not JSON.');
  }
}

// Whatever is thrown becomes problem+json, and an unforeseen error says nothing of what happened.
const problems: ErrorRequestHandler = (error, _req, res, _next) => {
  const { status, headers, body } = toProblem(error);
  res.status(status).set(headers).send(body);
};

export function createExpressApp(inventory: Resource) {
  const app = express();
  app.get('/', (_req, res) => {
    res.send('public');
  });
  app.post('/orders', aauth(inventory), (req, res) => {
    res.json({ orderedBy: res.locals.principal.jkt, order: req.body });
  });
  app.use(problems);
  return app;
}
