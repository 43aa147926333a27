import type { Caller, HeldCall, HeldCalls } from '@aauth-stack/aauth/resource';

/** How an agent puts off the answer to a call until somebody has decided something. */
export interface AnswerLater {
  /**
   * Tells the caller with 202 to come back for the answer (AAuth Protocol, "Deferred Responses"), unless it is being told the answer
   * already. However often it is called, the call is held once.
   *
   * @returns `undefined` when it is too late, or this agent holds no calls
   * @throws RateLimitError or UnavailableError when no more calls are held
   */
  hold(): HeldCall | undefined;
  /** Says that nothing will be put off any more. Only then does an agent that holds calls begin to stream. */
  begin(): void;
}

/** One call and its HTTP response, which is either held or begins. */
export interface Deferral extends AnswerLater {
  /** Says that the agent is at work, and may yet put the answer off. */
  start(cancel: () => void): void;
  /** What the caller is told first: the response, or that it has to come back for it. */
  respond(response: Promise<Response>): Promise<Response>;
}

/** @param heldCalls undefined for an agent that answers whatever it takes */
export function createDeferral(heldCalls: HeldCalls | undefined, caller: Caller): Deferral {
  const answer = Promise.withResolvers<Response>();
  const held = Promise.withResolvers<HeldCall>();
  const begun = Promise.withResolvers<void>();
  let cancel = () => {};
  let call: HeldCall | undefined;
  let isUndecided = false;
  // Nobody has to be interested.
  answer.promise.catch(() => {});

  function begin(): void {
    isUndecided = false;
    begun.resolve();
  }

  return {
    start(cancelWork) {
      cancel = cancelWork;
      isUndecided = heldCalls !== undefined;
    },
    begin,
    hold() {
      if (call || !heldCalls || !isUndecided) return call;
      call = heldCalls.hold({ caller, response: answer.promise, cancel: () => cancel() });
      held.resolve(call);
      return call;
    },
    respond(response) {
      response.then(answer.resolve, answer.reject);
      const first = response.then(async (ready) => {
        if (isUndecided && isStream(ready)) await begun.promise;
        begin();
        return ready;
      });
      return Promise.race([held.promise.then((call) => call.response()), first]);
    },
  };
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}
