/** What the command's exit code says. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  refused: 5,
  invalid: 6,
  peer: 7,
  personNeeded: 8,
  httpError: 22,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For `--help`; in order. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'it worked'],
  [exitCodes.failure, 'something failed that none of the others says'],
  [exitCodes.usage, 'the command line, or its input, is wrong'],
  [exitCodes.configuration, 'no such profile, or a file of it is missing, damaged or readable by others'],
  [exitCodes.unreachable, 'a server cannot be reached, or asks to come back later'],
  [exitCodes.refused, 'the person or a server said no, or the time to decide is over'],
  [exitCodes.invalid, 'what was checked has a fault (verify, inspect, metadata, doctor)'],
  [exitCodes.peer, 'a server answered something that cannot be used'],
  [exitCodes.personNeeded, 'the person has to decide first (--no-wait)'],
  [exitCodes.httpError, 'the response has a status of 400 or more (fetch --fail)'],
  [exitCodes.interrupted, 'interrupted'],
];
