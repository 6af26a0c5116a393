import { type LinkItem, type Look, pullRequestOf } from '../../../core/proof/closing-item.ts';
import { LinkProblem } from '../../../ports/links.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { lookAtPull } from './look-at-pull.ts';
import type { LookRun } from './look-run.ts';

/**
 * Finds out whether the link shows what the item asks. What cannot be had is a look that failed, with its reason, told where
 * people look.
 */
export async function lookAt(run: LookRun): Promise<Look> {
  try {
    return await LOOKS[run.item.kind](run);
  } catch (problem) {
    if (problem instanceof SourceProblem) return { result: 'fail', because: problem.message };
    if (!(problem instanceof LinkProblem)) throw problem;
    const { message, next, status } = problem;
    return { result: 'fail', because: `${message}; ${next}`, ...(status !== undefined && { status }) };
  }
}

const LOOKS: Readonly<Record<LinkItem['kind'], (run: LookRun) => Promise<Look>>> = {
  link: async ({ links, task, signal }) => {
    const { status } = await links.page(task.link, [], signal);
    return { result: 'pass', because: `it answers ${status}`, status };
  },
  advisory: lookAtAdvisory,
  'pull-request': async (run) => {
    const pull = pullRequestOf(run.task.link);
    if (pull === undefined) return { result: 'fail', because: 'it names no pull request' };
    return await lookAtPull(run, pull);
  },
};

async function lookAtAdvisory({ links, task, it, signal }: LookRun): Promise<Look> {
  const { sought, link } = task;
  const hex = sought.map((digest) => digest.slice('sha256:'.length));
  if (hex.some((one) => isIn(link, one)))
    return {
      result: 'fail',
      because:
        'the address itself holds a digest, which its page may only repeat; show the address of the advisory',
      sought,
      holds: [],
    };
  const seen = await links.page(link, hex, signal);
  const holds = sought.filter((_, at) => seen.holds.includes(hex[at]!));
  const found = { status: seen.status, sought, holds };
  const missing = sought.filter((digest) => !holds.includes(digest));
  const of = `${sought.length} delivered ${sought.length === 1 ? 'image' : 'images'}`;
  if (missing.length === 0) return { result: 'pass', because: `it holds the digest of ${of}`, ...found };
  const lineOf = (digest: string) =>
    Object.entries(it.fix.lines).find(
      ([, { build }]) => build?.state === 'done' && build.digest === digest,
    )?.[0];
  const named = missing.map((digest) => `${lineOf(digest) ?? 'a line'} (${digest.slice(0, 19)}…)`);
  return {
    result: 'fail',
    because: `it holds the digests of ${holds.length} of ${of}; missing is that of ${named.join(', ')}`,
    ...found,
  };
}

/** Whether an address holds a text, however it is written there. */
function isIn(address: string, text: string): boolean {
  const plain = address.replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return [address, plain].some((one) => one.toLowerCase().includes(text));
}
