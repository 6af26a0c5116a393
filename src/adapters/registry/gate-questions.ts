import { readFile } from 'node:fs/promises';
import type { Instant } from '../../core/base/instant.ts';
import { type ImagePolicy, type ImageQuestion, questionOf } from '../../core/proof/image-policy.ts';
import { isTrustedRoot } from '../../core/proof/trust.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import type { Config } from '../../wire/config.ts';
import { createJudge } from './judge.ts';

const BYTES_MAX = 32 * 1024 * 1024;

/**
 * Reads the keys and trusted roots of every gate that looks at images, and tries them. Gives what a gate of a component asks.
 * Throws a usage problem that names component, gate and file: one that cannot be read or used now would refuse every image later.
 */
export async function readGateQuestions(
  { components }: Pick<Config, 'components'>,
  now: Instant,
): Promise<(component: string, gate: string) => ImageQuestion> {
  const questions = new Map<string, ImageQuestion>();
  for (const { name, gates } of components) {
    for (const { name: gate, image } of gates) {
      if (image === undefined) continue;
      const question = await read(image, now).catch((problem: unknown) => {
        if (!(problem instanceof RegistryProblem)) throw problem;
        const text = `gate ${gate} of component ${name}: ${problem.message}; ${problem.next}`;
        throw new RegistryProblem('usage', text, problem.next);
      });
      questions.set(keyOf(name, gate), question);
    }
  }
  return (component, gate) => {
    const question = questions.get(keyOf(component, gate));
    if (question === undefined) throw new Error(`gate ${gate} of component ${component} asks no image`);
    return question;
  };
}

const keyOf = (component: string, gate: string) => `${component}/${gate}`;

async function read(policy: ImagePolicy, now: Instant): Promise<ImageQuestion> {
  const pems: string[] = [];
  for (const { file } of policy.keys ?? []) pems.push(await textOf(file, 'the cosign.pub of the builder'));
  const root = policy.trustedRoot === undefined ? undefined : await rootOf(policy.trustedRoot);
  const question = questionOf(policy, { pems, ...(root !== undefined && { trustedRoot: root }) });
  await createJudge(question.trust, now);
  return question;
}

async function rootOf(file: string): Promise<unknown> {
  const text = await textOf(file, 'the trusted_root.json of your sigstore');
  const root = parsed(text);
  if (isTrustedRoot(root)) return root;
  throw unusable(`${file} is no sigstore trusted root`, 'name the trusted_root.json of your sigstore');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(file: string, what: string): Promise<string> {
  const bytes = await readFile(file).catch((problem: NodeJS.ErrnoException) => {
    const why = problem.code === 'ENOENT' ? 'is not there' : `cannot be read (${problem.code})`;
    throw unusable(`${file} ${why}`, `put ${what} there, or name another file (docs/images.md)`);
  });
  if (bytes.length > BYTES_MAX)
    throw unusable(`${file} has ${bytes.length} bytes, more than ${BYTES_MAX}`, `name ${what}`);
  return bytes.toString('utf8');
}

const unusable = (message: string, next: string) => new RegistryProblem('usage', message, next);
