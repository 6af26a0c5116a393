import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SourceProblem } from '../../../ports/repository.ts';
import { gitAt } from './git.ts';

/** Which git this machine has, and what it can be made to do. */
export type GitVersion = {
  readonly text: string;
  atLeast(major: number, minor: number): boolean;
  /** Whether `stdbuf` can make a program print at once. */
  readonly hasStdbuf: boolean;
};

/** Throws `SourceProblem` when git is older than 2.38, the first that merges without a work tree. */
export async function gitVersion(): Promise<GitVersion> {
  const text = (await gitAt('/').read(['version'])).toString('utf8').trim();
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  const atLeast = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (!atLeast(2, 38))
    throw new SourceProblem(`${text} is too old: expected git 2.38 or newer. Next: install a newer git.`);
  return { text, atLeast, hasStdbuf: process.platform === 'linux' && isOnPath('stdbuf') };
}

const isOnPath = (program: string) =>
  (process.env.PATH ?? '').split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, program)));
