import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from '../objects/git.ts';
import { type PatchFile, patchFiles } from './patch-files.ts';

/** One patch of a text: what one commit changes. */
export type Patch = {
  /** The diff, with whatever stands around it; bytes kept as latin1. */
  readonly diff: string;
  readonly files: readonly PatchFile[];
  /** Who and when, as a commit names them, and the message; absent in what `git diff` wrote. */
  readonly mail?: { readonly author: string; readonly message: string };
  /** The commit that `git format-patch` wrote it from, as it says. */
  readonly of?: string;
  /** The commit that `git format-patch --base` says it was made on. */
  readonly base?: string;
};

// The date is the same in every line of this kind: it marks the file as one of format-patch.
const START = /^From ([0-9a-f]{40}|[0-9a-f]{64}) Mon Sep 17 00:00:00 2001$/m;
const STARTS = /^(?=From (?:[0-9a-f]{40}|[0-9a-f]{64}) Mon Sep 17 00:00:00 2001$)/m;

/** The patches of a text that `git format-patch` (one mail or several) or `git diff` wrote, in its order. */
export async function readPatches(git: Git, text: string): Promise<Patch[]> {
  const bytes = Buffer.from(unixLines(text), 'utf8').toString('latin1');
  const head = bytes.slice(0, bytes.search(/^(diff --git |--- )/m));
  if (!/^(From|Subject|Date): /m.test(head)) return [patchOf(bytes)];
  const mails = bytes.split(STARTS).filter((mail) => mail.trim() !== '');
  const patches: Patch[] = [];
  for (const mail of mails) patches.push(await readMail(git, mail));
  return patches.filter((patch) => patch.files.length > 0 || patches.length === 1);
}

/**
 * A file whose own lines end in CR LF keeps them. Only when the header lines of the patch end so was the whole of it
 * turned over on its way, and is turned back.
 */
const unixLines = (text: string): string =>
  /^diff --git .*\r$/m.test(text) ? text.replaceAll('\r\n', '\n') : text;

function patchOf(diff: string): Patch {
  const base = /^base-commit: ([0-9a-f]{40}|[0-9a-f]{64})$/m.exec(diff)?.[1];
  return { diff, files: patchFiles(diff), ...(base && { base }) };
}

/** git reads its own mails: encodings of headers and bodies, and where the message ends. */
async function readMail(git: Git, mail: string): Promise<Patch> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-patch-'));
  try {
    const [message, diff] = [join(dir, 'message'), join(dir, 'diff')];
    const info = await git.read(['mailinfo', '-b', '--encoding=UTF-8', message, diff], {
      input: Buffer.from(mail, 'latin1'),
    });
    const of = START.exec(mail)?.[1];
    const author = authorOf(info.toString('utf8'));
    const subject = field(info.toString('utf8'), 'Subject');
    const body = (await readFile(message)).toString('utf8').trimEnd();
    const text = Buffer.from(`${[subject, body].filter(Boolean).join('\n\n')}\n`, 'utf8').toString('latin1');
    return {
      ...patchOf((await readFile(diff)).toString('latin1')),
      ...(author && { mail: { author, message: text } }),
      ...(of && { of }),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const field = (info: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';

/** `Name <email> seconds zone` in bytes kept as latin1; undefined when the mail does not say who or when. */
function authorOf(info: string): string | undefined {
  const date = field(info, 'Date');
  const seconds = Math.floor(Date.parse(date) / 1_000);
  const name = field(info, 'Author').replace(/[<>\0]/g, '');
  const email = field(info, 'Email').replace(/[<>\0]/g, '');
  if (!Number.isSafeInteger(seconds) || seconds < 0 || (name === '' && email === '')) return undefined;
  const zone = /([+-]\d{4})\s*(?:\(.*\))?$/.exec(date)?.[1] ?? '+0000';
  return Buffer.from(`${name} <${email}> ${seconds} ${zone}`, 'utf8').toString('latin1');
}
