import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Commits files, by their paths in the repository at `dir`, on the branch that is checked out; gives the commit. */
export function commitTo(dir: string, subject: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const who = ['-c', 'user.name=lease-operator authors', '-c', 'user.email=authors@example.com'];
  const git = (...args: string[]) =>
    execFileSync('git', [...who, ...args], { cwd: dir, encoding: 'utf8' }).trim();
  git('add', '--all');
  git('commit', '--quiet', '-m', subject);
  return git('rev-parse', 'HEAD');
}
