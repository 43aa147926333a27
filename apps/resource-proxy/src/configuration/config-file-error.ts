import { StartupError } from '@aauth-stack/service/main';

/** One thing that is wrong in a configuration file. */
export interface ConfigFileProblem {
  file: string;
  /** 1-based line, where it is known. */
  line?: number;
  /** For instance `binds[0].listeners[1].hostname`; empty for the file as a whole. */
  key: string;
  reason: string;
}

/** Notes what is wrong with a key, given from where the report was made for. */
export type Report = (key: readonly (string | number)[], reason: string) => void;

/** A configuration file cannot be used. The message names, for each problem, the file, the key and the reason. */
export class ConfigFileError extends StartupError {
  override readonly name = 'ConfigFileError';
  readonly problems: readonly ConfigFileProblem[];

  constructor(problems: readonly ConfigFileProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

function formatProblem({ file, line, key, reason }: ConfigFileProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return key ? `${place}: ${key}: ${reason}` : `${place}: ${reason}`;
}
