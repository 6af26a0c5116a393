import { Writable } from 'node:stream';
import { misuse } from './exit.ts';
import type { Io } from './io.ts';

// The prompts cost 80 ms to load, so they are loaded when a question is really asked.
const prompts = () => import('@inquirer/prompts');

/** A prompt ends the stream it writes to, so each gets one of its own that passes everything on. */
function streams(io: Io) {
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      io.stderr.write(chunk, () => done());
    },
  });
  return { input: io.stdin, output: Object.assign(output, { columns: io.width ?? 80 }) };
}

/** A text that a flag did not give: asked for when a person is there, refused with the flag's name when not. */
export async function askText(io: Io, flag: string, question: string): Promise<string> {
  if (!io.isTty) throw misuse(`${flag} is missing and there is no terminal to ask on`);
  const { input } = await prompts();
  const validate = (text: string) => text.trim() !== '' || 'Please write something.';
  return (await input({ message: question, validate }, streams(io))).trim();
}

/** One of a closed list. */
export async function askChoice(
  io: Io,
  flag: string,
  question: string,
  choices: readonly string[],
): Promise<string> {
  if (!io.isTty) throw misuse(`${flag} is missing: expected one of ${choices.join(', ')}`);
  const { select } = await prompts();
  return await select({ message: question, choices: choices.map((value) => ({ value })) }, streams(io));
}

/** A secret, not echoed. */
export async function askSecret(io: Io, question: string): Promise<string> {
  const { password } = await prompts();
  return await password({ message: question, mask: '*' }, streams(io));
}

/** A yes to a named act. False is a no. Without a terminal it refuses: `--yes` is the answer for scripts. */
export async function askYes(io: Io, act: string): Promise<boolean> {
  refuseWithoutTty(io);
  const { confirm } = await prompts();
  return await confirm({ message: `${act}?`, default: false }, streams(io));
}

/** The same for wide acts: the fix's id must be typed. */
export async function askId(io: Io, act: string, id: string): Promise<boolean> {
  refuseWithoutTty(io);
  const { input } = await prompts();
  return (await input({ message: `${act}: type ${id} to go on:` }, streams(io))).trim() === id;
}

function refuseWithoutTty(io: Io) {
  if (!io.isTty) throw misuse('this act asks first and there is no terminal to ask on; --yes answers it');
}
