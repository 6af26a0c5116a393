import type { Check, ImageVerdict } from '../../core/proof/image.ts';
import {
  type ImageAsked,
  type Registry,
  RegistryProblem,
  type RegistryTrouble,
  verdictOn,
} from '../../ports/registry.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode } from '../exit.ts';
import { type Paper, screen, tint, wrap } from '../render/paper.ts';
import { type ImageInput, readImageQuestion } from './image-inputs.ts';

/** Says whether an image is the candidate, and why. Exit 0 when it is verified, 5 when it is refused. */
export async function verifyImage(context: Context, input: ImageInput): Promise<ExitCode> {
  const open = context.io.alone?.registry;
  if (open === undefined) throw new Ending(EXIT.ours, 'no registry can be read from here');
  const { asked, reach } = await readImageQuestion(input, context.io.stdin);
  const verdict = await verdictOf(await open(reach), asked);
  await context.out.print({
    value: verdict,
    names: verdict.checks.filter(({ ok }) => !ok).map(({ name }) => name),
    text: (paper) => screen(lines(verdict, paper), paper),
  });
  return verdict.verdict === 'verified' ? EXIT.done : EXIT.failed;
}

const ENDS: Readonly<Record<RegistryTrouble, ExitCode>> = {
  denied: EXIT.refused,
  unreachable: EXIT.ours,
  usage: EXIT.usage,
  missing: EXIT.usage,
  content: EXIT.usage,
};

async function verdictOf(registry: Registry, asked: ImageAsked): Promise<ImageVerdict> {
  try {
    return await verdictOn(registry, asked);
  } catch (problem) {
    if (!(problem instanceof RegistryProblem)) throw problem;
    throw new Ending(ENDS[problem.trouble], problem.message, [problem.next]);
  }
}

function lines(verdict: ImageVerdict, paper: Paper): string[] {
  const { reference, digest, checks, signatures } = verdict;
  const untrusted = signatures.filter(({ signer }) => signer === null).length;
  return [
    wrap(`${tint(paper, verdict.verdict)}: ${reference}`, paper.width),
    ...(digest !== null && !reference.endsWith(digest) ? [`  ${digest}`] : []),
    '',
    ...checks.flatMap((check) => checkLines(check, paper)),
    ...(untrusted > 0 ? ['', `${untrusted} signed by nobody that is trusted: -o json tells each`] : []),
  ];
}

function checkLines({ name, ok, because, allowed, next }: Check, paper: Paper): string[] {
  const head = `${tint(paper, ok ? 'ok' : 'refused')}${ok ? '       ' : '  '}${name.padEnd(21)}`;
  const indent = 30;
  const more = (label: string, text: string) =>
    wrap(`${' '.repeat(indent)}${label}: ${text}`, paper.width, indent);
  return [
    wrap(`${head}${because}`, paper.width, indent),
    ...(allowed === undefined ? [] : [more('allowed', allowed)]),
    ...(next === undefined ? [] : [more('next', next)]),
  ];
}
