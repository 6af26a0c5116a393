import { StorageDown } from '../../ports/storage.ts';

type Fault = Error & { readonly code?: string; readonly constraint?: string };

/** The SQLSTATE of a refused statement, the system's code of a broken connection, or undefined. */
const codeOf = (problem: unknown): string | undefined => (problem as Fault | undefined)?.code;

/** Whether a statement was refused by this unique key. */
export const isTaken = (problem: unknown, constraint: string): boolean =>
  codeOf(problem) === '23505' && (problem as Fault).constraint === constraint;

/** Serialisation failures and deadlocks: the transaction is undone and may be run again. */
export const mayRunAgain = (problem: unknown): boolean => ['40001', '40P01'].includes(codeOf(problem) ?? '');

/**
 * A failure to reach or use the database becomes `StorageDown`; every other error stays as it is.
 * `server` says where the database is, without a password.
 */
export function asStorageDown(problem: unknown, server: string): unknown {
  if (problem instanceof StorageDown) return problem;
  const why = reasonOf(problem as Fault);
  if (why === undefined) return problem;
  return new StorageDown(`The database at ${server} cannot be used: ${why}`, { cause: problem });
}

const DRIVER_SAYS =
  /^Connection terminated|^timeout exceeded when trying to connect|not queryable|after calling end on the pool|driver has already been destroyed|^Client was closed/;
const SYSTEM_SAYS = /^E(CONN|PIPE|NOENT|TIMEDOUT|HOST|NET|NOTFOUND|AI_AGAIN|ACCES)/;

/** By class of SQLSTATE (PostgreSQL's manual, appendix A), longest match first. */
const STATES: readonly (readonly [string, string])[] = [
  ['53100', 'its disk is full; make room there'],
  ['53300', 'it has no connection left; raise max_connections or stop what uses them'],
  ['57014', 'it took too long'],
  ['57P', 'it is starting or shutting down'],
  ['25006', 'it is read-only; connect to the primary server'],
  ['3D000', 'there is no such database'],
  ['08', 'the connection broke'],
  ['28', 'it refuses our user or password'],
  ['53', 'it is out of resources'],
  ['58', 'its files cannot be read or written'],
  ['XX', 'it has an internal fault'],
];

function reasonOf(problem: Fault): string | undefined {
  const code = codeOf(problem) ?? '';
  const said = problem instanceof AggregateError ? (problem.errors[0] as Error).message : problem?.message;
  if (/^[0-9A-Z]{5}$/.test(code) && !SYSTEM_SAYS.test(code)) {
    const known = STATES.find(([prefix]) => code.startsWith(prefix));
    return known && `${known[1]} (${said})`;
  }
  if (SYSTEM_SAYS.test(code)) return `it cannot be reached (${said})`;
  return DRIVER_SAYS.test(said ?? '') ? `the connection broke (${said})` : undefined;
}
