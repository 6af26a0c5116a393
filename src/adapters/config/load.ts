import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { settingsFaults } from '../../core/hypershift/settings.ts';
import { type AgentConfig, agentConfigSchema } from '../../wire/agent-config.ts';
import { type Config, configSchema } from '../../wire/config.ts';
import { crossFaults } from './cross-checks.ts';
import { type Fault, pathText } from './fault.ts';
import { withFilesBeside } from './files-beside.ts';
import { faultsOf } from './issues.ts';
import { type Place, parseSource } from './source.ts';

/** A configuration that cannot be used. `faults`: one line each, with its place, in the order of the file. */
export class ConfigProblem extends Error {
  override name = 'ConfigProblem';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    const more = faults.length - FAULTS_SHOWN_MAX;
    const shown = more > 0 ? [...faults.slice(0, FAULTS_SHOWN_MAX), `and ${more} more`] : faults;
    super(shown.join('\n'));
    this.faults = faults;
  }
}

const BYTES_MAX = 1024 * 1024;
const FAULTS_SHOWN_MAX = 20;

/**
 * Reads a configuration file, YAML of at most 1 MiB, and checks it against its schema and itself.
 * Throws a ConfigProblem that names every fault with file, line, column and path.
 */
export async function loadConfig(file: string): Promise<Config> {
  return withFilesBeside(parseConfig(await textOf(file), file), dirname(file));
}

/** The same for a text; `file` is what messages call it. */
export const parseConfig = (text: string, file: string): Config =>
  parseWith(text, file, {
    schema: configSchema,
    crossFaults,
    needs: 'it needs components and policies (docs/config.md)',
  });

/** An agent's configuration, read and checked in the same way. Throws a ConfigProblem. */
export const loadAgentConfig = async (file: string): Promise<AgentConfig> =>
  parseWith(await textOf(file), file, {
    schema: agentConfigSchema,
    crossFaults: (config) =>
      settingsFaults(config).map((text) => ({ path: ['components'], at: 'value', text })),
    needs: 'it needs hub, managementCluster, region, sector and components (docs/agent.md)',
  });

/** Parses a text and checks it against a schema and itself. Throws a ConfigProblem. */
export function parseWith<S extends z.ZodType>(
  text: string,
  file: string,
  it: {
    readonly schema: S;
    readonly crossFaults: (config: z.output<S>) => readonly Fault[];
    readonly needs: string;
  },
): z.output<S> {
  const source = parseSource(text);
  if (!source.ok) throw problemOf(file, source.error);
  const { value, placeOf } = source.value;
  if (value === null || value === undefined)
    throw new ConfigProblem([`${file}: the file is empty; ${it.needs}`]);
  const placed = (faults: readonly Fault[]) =>
    problemOf(
      file,
      faults.map((fault) => ({ ...placeOf(fault), path: pathText(fault.path), text: fault.text })),
    );
  const parsed = it.schema.safeParse(value);
  if (!parsed.success) throw placed(faultsOf({ issues: parsed.error.issues, value, schema: it.schema }));
  const faults = it.crossFaults(parsed.data);
  if (faults.length > 0) throw placed(faults);
  return parsed.data;
}

function problemOf(
  file: string,
  faults: readonly (Place & { path?: string; text: string })[],
): ConfigProblem {
  const lines = faults
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, path, text }) => `${file}:${line}:${column} ${path ? `${path}: ` : ''}${text}`);
  return new ConfigProblem([...new Set(lines)]);
}

/** A configuration file as text. Throws a ConfigProblem. */
export async function textOf(file: string): Promise<string> {
  const bytes = await bytesOf(file);
  if (bytes.length > BYTES_MAX) {
    throw new ConfigProblem([`${file}: the file is larger than ${BYTES_MAX} bytes, the most that is read`]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigProblem([`${file}: the file is not text in UTF-8`]);
  }
}

/** At most one byte more than may be read, so that a file without an end has one. */
async function bytesOf(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of handle.createReadStream({ end: BYTES_MAX, autoClose: false }))
        chunks.push(chunk);
      return Buffer.concat(chunks);
    } finally {
      await handle.close();
    }
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? '';
    if (REASONS[code] === undefined) throw problem;
    throw new ConfigProblem([`${file}: ${REASONS[code]}`]);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name another with --config, or write one (docs/config.md)',
  ENOTDIR: 'there is no such file; name another with --config, or write one (docs/config.md)',
  EISDIR: 'this is a folder; name the file in it',
  EACCES: 'the file may not be read by this user',
  EPERM: 'the file may not be read by this user',
};
