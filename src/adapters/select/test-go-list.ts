import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';

// What the go command itself says of a commit; tests hold our answer against it.

const exec = promisify(execFile);

/** A package, or a variant of one that is compiled for a test, as `go list -deps -test` lists it. */
export type Listed = {
  /** Its import path; a variant has the test's name behind it. */
  readonly id: string;
  /** Files it is compiled from, from the top of the repository. */
  readonly files: readonly string[];
  readonly imports: readonly string[];
};

/** A checked-out copy that goes from commit to commit, and what the go command lists there. `kept`: a folder to remember lists in. */
export function goLists(options: { readonly source: string; readonly dir: string; readonly kept?: string }) {
  const { source, dir } = options;
  const git = async (...args: string[]) =>
    (await exec('git', ['-C', dir, '-c', 'advice.detachedHead=false', ...args], { maxBuffer: 1 << 28 }))
      .stdout;
  let at: string | undefined;
  /** Only what differs is written; a blob that the source lacks is a file that is not there. */
  const checkOut = async (commit: string) => {
    if (at === commit) return;
    if (!existsSync(join(dir, '.git')))
      await exec('git', ['clone', '--quiet', '--shared', '--no-checkout', source, dir]);
    if (at === undefined) {
      await git('read-tree', commit);
      await git('clean', '-ffdxq');
      await git('checkout-index', '--all', '--force', '--quiet').catch(() => {});
    } else {
      const gone = await git('diff', '--name-only', '-z', '--no-renames', '--diff-filter=D', at, commit);
      for (const path of gone.split('\0').filter(Boolean)) rmSync(join(dir, path), { force: true });
      const come = await git('diff', '--name-only', '-z', '--no-renames', '--diff-filter=d', at, commit);
      await git('read-tree', commit);
      for (const paths of chunks(come.split('\0').filter(Boolean), 500))
        await git('checkout-index', '--force', '--quiet', '--', ...paths).catch(() => {});
    }
    at = commit;
  };
  return {
    async listAt(commit: string, module: string, tags: readonly string[]): Promise<readonly Listed[]> {
      const file =
        options.kept &&
        join(options.kept, `${commit}-${module.replaceAll('/', '_')}-${tags.join('+')}.json.gz`);
      if (file && existsSync(file)) return JSON.parse(gunzipSync(readFileSync(file)).toString()) as Listed[];
      await checkOut(commit);
      const listed = existsSync(join(dir, module, 'go.mod')) ? await list(dir, module, tags) : [];
      if (file) {
        mkdirSync(options.kept!, { recursive: true });
        writeFileSync(file, gzipSync(JSON.stringify(listed), { level: 1 }));
      }
      return listed;
    },
  };
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

const FILES = ['GoFiles', 'CgoFiles', 'CFiles', 'SFiles', 'HFiles', 'EmbedFiles'] as const;

async function list(dir: string, module: string, tags: readonly string[]): Promise<Listed[]> {
  const folder = join(dir, module);
  const mod = existsSync(join(folder, 'vendor', 'modules.txt')) ? 'vendor' : 'mod';
  const args = [
    'list',
    '-e',
    '-deps',
    '-test',
    `-mod=${mod}`,
    `-json=ImportPath,Dir,Standard,Imports,${FILES.join()}`,
  ];
  const env = { ...process.env, GOFLAGS: '', GOPROXY: 'off', GOWORK: 'off', GOTOOLCHAIN: 'local' };
  const { stdout } = await exec(
    'go',
    [...args, ...(tags.length > 0 ? ['-tags', tags.join()] : []), './...'],
    {
      cwd: folder,
      env,
      maxBuffer: 1 << 29,
    },
  );
  const all = JSON.parse(`[${stdout.trimEnd().replaceAll(/^\}\n\{$/gm, '},\n{')}]`) as Raw[];
  return all
    .filter(({ Standard }) => !Standard)
    .map((one) => ({
      id: one.ImportPath,
      files: FILES.flatMap((kind) => one[kind] ?? []).flatMap((name) =>
        // The main of a test is written by the go command, elsewhere.
        name.startsWith('/') ? [] : [relative(dir, join(one.Dir ?? folder, name))],
      ),
      imports: one.Imports ?? [],
    }));
}

type Raw = { ImportPath: string; Dir?: string; Standard?: boolean; Imports?: string[] } & {
  [kind in (typeof FILES)[number]]?: string[];
};

/** Import paths of the packages whose test binary is built from any of the files, over any number of imports. */
export function testsBuiltFrom(listed: readonly Listed[], changed: ReadonlySet<string>): Set<string> {
  const importers = new Map<string, string[]>();
  for (const { id, imports } of listed)
    for (const one of imports) (importers.get(one) ?? importers.set(one, []).get(one)!).push(id);
  const hit = new Set(
    listed.filter(({ files }) => files.some((file) => changed.has(file))).map(({ id }) => id),
  );
  for (const id of hit) for (const importer of importers.get(id) ?? []) hit.add(importer);
  return new Set([...hit].filter((id) => id.endsWith('.test')).map((id) => id.slice(0, -'.test'.length)));
}
