/**
 * What is found at a place and speaks for a feature, or of care that a fix seldom needs. Policies name them by these words.
 * api-field: a field with a JSON name in an API package. schema-field: of a custom resource definition or an OpenAPI document.
 * new-file: a new file of code.
 */
export const SIGNALS = [
  'api-field',
  'schema-field',
  'migration',
  'feature-gate',
  'flag',
  'environment-variable',
  'command',
  'exported-api',
  'changed-signature',
  'dependency',
  'dependency-bump',
  'new-file',
] as const;
export type Signal = (typeof SIGNALS)[number];

/** One place. `line`: from 1, in the file as it is after the change; absent where the file as a whole is meant. */
export type Sighting = {
  readonly signal: Signal;
  readonly path: string;
  readonly line?: number;
  readonly what: string;
};
