import { spawn } from 'node:child_process';
import { SourceProblem } from '../../ports/repository.ts';
import { firstLine, type Git } from './git.ts';

/** The beginning of a blob, up to what is kept, and how long it is in all. */
export type Blob = { readonly bytes: Buffer; readonly size: number };

/**
 * Reads blobs over one `git cat-file --batch`, in the order of the ids, and keeps no more than `keepBytes` of each.
 * `use` gets undefined for one that is missing.
 */
export function readBlobs(
  git: Git,
  ids: readonly string[],
  keepBytes: number,
  use: (id: string, blob: Blob | undefined) => void,
): Promise<void> {
  if (ids.length === 0) return Promise.resolve();
  return new Promise((done, failed) => {
    const child = spawn('git', ['cat-file', '--batch', '--buffer'], { cwd: git.dir, env: git.env });
    const reader = readerOf(ids, keepBytes, use);
    let said = '';
    let fault: Error | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        if (!fault) reader.take(chunk);
      } catch (problem) {
        fault = problem as Error;
        child.kill();
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 2_000) said += chunk.toString('utf8');
    });
    child.on('error', failed);
    child.stdin.on('error', () => {});
    child.on('close', () => {
      if (fault) failed(fault);
      else if (reader.left() === 0) done();
      else
        failed(
          new SourceProblem(`the repository could not be read: ${firstLine(said) || 'git ended early'}`),
        );
    });
    child.stdin.end(`${ids.join('\n')}\n`);
  });
}

const HEAD_MAX = 4_096;

function readerOf(
  ids: readonly string[],
  keepBytes: number,
  use: (id: string, blob: Blob | undefined) => void,
): { take(chunk: Buffer): void; left(): number } {
  let index = 0;
  let head = '';
  /** The blob that is being read: what is still to come, with the line end after it. */
  let body: { parts: Buffer[]; kept: number; size: number; left: number } | undefined;
  const finish = (blob: Blob | undefined) => {
    use(ids[index]!, blob);
    index += 1;
    head = '';
    body = undefined;
  };
  return {
    left: () => ids.length - index,
    take(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (!body) {
          const end = chunk.indexOf(10, at);
          head += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
          if (end < 0 && head.length < HEAD_MAX) return;
          at = end + 1;
          const size = /^\S+ (?:blob|tree|commit|tag) (\d+)$/.exec(head)?.[1];
          if (size === undefined) finish(undefined);
          else body = { parts: [], kept: 0, size: Number(size), left: Number(size) + 1 };
          continue;
        }
        const end = Math.min(chunk.length, at + body.left);
        const content = Math.min(end, at + body.left - 1);
        const wanted = Math.min(content - at, keepBytes - body.kept);
        if (wanted > 0) {
          body.parts.push(chunk.subarray(at, at + wanted));
          body.kept += wanted;
        }
        body.left -= end - at;
        at = end;
        if (body.left > 0) continue;
        const { parts, size } = body;
        finish({ bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), size });
      }
    },
  };
}
