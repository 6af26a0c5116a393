import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../../core/base/hash.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { printable } from '../objects/git.ts';

/** Where a repository is: a folder on this machine, or a URL git can fetch from. */
export type Location = {
  /** How it is shown to people: never with a password. */
  readonly shown: string;
  /** Folder name of the own copy: the same for the same source. */
  readonly key: string;
} & (
  | {
      readonly kind: 'folder';
      /** Its git directory: of the worktree when it is one, so that HEAD is the worktree's. */
      readonly gitDir: string;
      /** Where objects and refs are; equals `gitDir` unless it is a linked worktree. */
      readonly commonDir: string;
    }
  | { readonly kind: 'url'; readonly url: string }
);

const ALLOWED = 'a folder with a git repository, or an https, http, ssh or file URL';

/** Reads a location as a person wrote it. Throws `SourceProblem` when it is none that is allowed. */
export function locate(text: string): Location {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (text === '' || text.length > 4_096 || /[\u0000-\u001f]/.test(text))
    throw problem(text, 'is empty, too long or has control characters');
  if (text.startsWith('-')) throw problem(text, 'looks like an option');
  if (/^[a-z0-9+.-]+::/i.test(text)) throw problem(text, 'names a transport helper, which is not allowed');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'file') return folder(text, pathOfUrl(text));
  if (scheme !== undefined) return remote(text, scheme);
  if (/^(?:[\w.+-]+@)?[\w.-]+:(?!\/\/)/.test(text) && !existsSync(text)) return atSsh(text);
  return folder(text, resolve(text));
}

function pathOfUrl(text: string): string {
  try {
    return fileURLToPath(text);
  } catch {
    throw problem(text, 'is a file URL that names no folder of this machine');
  }
}

function remote(text: string, scheme: string): Location {
  if (!['http', 'https', 'ssh'].includes(scheme)) throw problem(text, `uses ${scheme}, which is not allowed`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw problem(text, 'is not a URL');
  }
  if (url.hostname === '' || url.hostname.startsWith('-')) throw problem(text, 'names no host');
  const bare = new URL(text);
  bare.username = scheme === 'ssh' ? url.username : '';
  bare.password = '';
  return { kind: 'url', url: text, shown: bare.href, key: sha256(bare.href).slice(0, 24) };
}

function atSsh(text: string): Location {
  if (/(?:^|@)-/.test(text)) throw problem(text, 'names a host that looks like an option');
  return { kind: 'url', url: text, shown: text, key: sha256(text).slice(0, 24) };
}

function folder(text: string, path: string): Location {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw problem(text, 'does not exist');
  if (!stat.isDirectory()) throw problem(text, 'is not a folder');
  const gitDir = gitDirOf(path);
  if (gitDir === undefined) throw problem(text, 'is not a git repository');
  const common = followed(join(gitDir, 'commondir'), gitDir) ?? gitDir;
  const real = realpathSync(gitDir);
  return {
    kind: 'folder',
    shown: printable(text),
    gitDir: real,
    commonDir: realpathSync(common),
    key: sha256(real).slice(0, 24),
  };
}

// By hand, because git's own search climbs to parent folders and refuses other people's folders.
function gitDirOf(path: string): string | undefined {
  const dotGit = join(path, '.git');
  const linked = statSync(dotGit, { throwIfNoEntry: false })?.isFile()
    ? followed(dotGit, path, /^gitdir: /)
    : undefined;
  return [linked, dotGit, path].find((dir) => dir !== undefined && isGitDir(dir));
}

function isGitDir(dir: string): boolean {
  const common = followed(join(dir, 'commondir'), dir) ?? dir;
  return existsSync(join(dir, 'HEAD')) && existsSync(join(common, 'objects'));
}

/** The folder a one-line file points to, or undefined when there is no such file. */
function followed(file: string, from: string, prefix = /^/): string | undefined {
  if (!existsSync(file)) return undefined;
  return resolve(from, readFileSync(file, 'utf8').trim().replace(prefix, ''));
}

function problem(text: string, what: string): SourceProblem {
  const shown = printable(text.replace(/\/\/[^/@]*@/, '//').slice(0, 200));
  return new SourceProblem(
    `repository "${shown}" ${what}: expected ${ALLOWED}. Next: correct it where it is named: "repository" of the component, or --repo.`,
  );
}
