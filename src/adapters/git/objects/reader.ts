import { availableParallelism } from 'node:os';
import type { Git } from './git.ts';
import { leastBusy, openTalk } from './talk.ts';

/** An object as the store holds it. */
export type Found = {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  readonly body?: Buffer;
};

/** Reads objects of one repository over one long-lived `git cat-file --batch-command`. */
export type Reader = {
  /** Type and size; undefined when there is no such object. `name`: an id, or `<id of a tree or commit>:<path>`. */
  find(name: string): Promise<Found | undefined>;
  /** The whole object; undefined when there is none. Ask `find` first for what may be large. */
  read(name: string): Promise<Found | undefined>;
  close(): void;
};

/**
 * A reader of everything that `git` sees. A name with a line break cannot be asked for: it is not found. Several
 * processes read at once, since to unpack a large file takes git longer than the way there and back.
 */
export function createReader(git: Git): Reader {
  const talks = Array.from({ length: Math.min(4, availableParallelism()) }, () =>
    openTalk<Found | undefined>({
      file: 'git',
      args: ['cat-file', '--batch-command'],
      cwd: git.dir,
      env: git.env,
      readAnswer: (bytes, request) => readAnswer(bytes, request.startsWith('contents ')),
    }),
  );
  const ask = async (command: string, name: string) =>
    name.includes('\n') ? undefined : leastBusy(talks).ask(`${command} ${name}\n`);
  return {
    find: (name) => ask('info', name),
    read: (name) => ask('contents', name),
    close: () => {
      for (const talk of talks) talk.close();
    },
  };
}

/** `<id> <type> <size>`, then the body when it was asked for; or `<name> missing`. */
function readAnswer(bytes: Buffer, wantsBody: boolean) {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  const [, id, type, size] = /^([0-9a-f]+) ([a-z]+) (\d+)$/.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (id === undefined || type === undefined) return { used: end + 1, answer: undefined };
  const found = { id, type, size: Number(size) };
  if (!wantsBody) return { used: end + 1, answer: found };
  const used = end + 1 + found.size + 1;
  if (bytes.length < used) return { needs: used };
  return { used, answer: { ...found, body: Buffer.from(bytes.subarray(end + 1, used - 1)) } };
}
