import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCommit, TestSource } from '../../ports/repository.contract.ts';
import { gitEnv } from './objects/git.ts';

/** A small real repository for tests, written by `git fast-import`: any byte in any path. */
export async function createTestSource(): Promise<TestSource & { dispose(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-source-'));
  await git(dir, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '.']);
  let clock = 1_700_000_000;
  const branches = new Set<string>();
  const commits = async (list: readonly TestCommit[]) => {
    const stream = list.map((commit, i) => {
      clock += 60;
      // A stream starts a branch anew unless it is told where the branch stands.
      const from = commit.from ?? (branches.has(commit.on) ? `refs/heads/${commit.on}^0` : undefined);
      const isFirst = !list.slice(0, i).some((other) => other.on === commit.on);
      branches.add(commit.on);
      const start = isFirst && from !== undefined ? { from } : {};
      return commitStream({ ...commit, ...start }, { mark: i + 1, seconds: commit.seconds ?? clock, clock });
    });
    const asked = list.map((_, i) => `get-mark :${i + 1}\n`);
    const input = Buffer.concat([...stream, Buffer.from(asked.join(''))]);
    const out = await git(dir, ['fast-import', '--quiet', '--force', '--date-format=raw'], input);
    return out.trim().split('\n');
  };
  return {
    location: dir,
    commits,
    commit: async (commit) => (await commits([commit]))[0]!,
    git: (...args) => git(dir, args),
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}

function commitStream(commit: TestCommit, at: { mark: number; seconds: number; clock: number }): Buffer {
  const author = commit.author ?? 'Ada Example <ada@example.com>';
  const parts: (string | Buffer)[] = [
    `commit refs/heads/${commit.on}\nmark :${at.mark}\n`,
    `author ${author} ${at.seconds} +0100\ncommitter Bot <bot@example.com> ${at.clock} +0000\n`,
    ...data(Buffer.from(commit.message, 'utf8')),
    commit.from === undefined ? '' : `from ${commit.from}\n`,
    ...(commit.merge ?? []).map((id) => `merge ${id}\n`),
  ];
  for (const [path, file] of Object.entries(commit.files ?? {})) {
    // Names of test files are latin1-kept bytes, so that they need not be UTF-8.
    const name = `"${[...Buffer.from(path, 'latin1')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`;
    if (file === null) parts.push(`D ${name}\n`);
    else if (typeof file === 'string' || Buffer.isBuffer(file))
      parts.push(`M 100644 inline ${name}\n`, ...data(Buffer.from(file)));
    else if (file.mode === '160000') parts.push(`M 160000 ${file.content} ${name}\n`);
    else parts.push(`M ${file.mode} inline ${name}\n`, ...data(Buffer.from(file.content)));
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

const data = (bytes: Buffer) => [`data ${bytes.length}\n`, bytes, '\n'];

const TESTER = {
  GIT_AUTHOR_NAME: 'Tess',
  GIT_AUTHOR_EMAIL: 'tess@example.com',
  GIT_COMMITTER_NAME: 'Tess',
  GIT_COMMITTER_EMAIL: 'tess@example.com',
  GIT_ALLOW_PROTOCOL: 'file',
};

/** Runs git on a test repository; its whole output, or an error with what it said. */
export async function git(dir: string, args: readonly string[], input?: Buffer): Promise<string> {
  const child = spawn('git', args, { cwd: dir, env: { ...gitEnv(), ...TESTER } });
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${Buffer.concat(said).toString('utf8')}`);
  return Buffer.concat(out).toString('utf8');
}
