import { z } from 'zod';

const text = z.string().min(1).max(500);
const suite = z.strictObject({
  name: text,
  paths: z.array(text).min(1).max(1_000),
  labels: z.array(text).max(100).default([]),
  minutes: z.number().positive().max(100_000).exactOptional(),
  owner: text.exactOptional(),
  command: text.exactOptional(),
});

/** Which end-to-end suites are for which paths, in a file: `--map` of `fleetfix select-tests`. */
export const suiteMapSchema = z.strictObject({ suites: z.array(suite).max(1_000) });
