/**
 * How long a test waits for what real programs do before it counts as hung, in milliseconds. Nothing is
 * timed by it: on a machine whose cores others use, seconds become minutes.
 */
export const PATIENCE_MS = 240_000;
