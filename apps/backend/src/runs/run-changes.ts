/** Channel of the database on which the id of each run that changes is told. */
export const changesOfRuns = 'run_changes';
