import type { Commit } from '../core/base/ids.ts';
import type { ImageSeen, ImageVerdict } from '../core/proof/image.ts';
import type { HostRules, ImageQuestion } from '../core/proof/image-policy.ts';
import { judgeImage, refusedByRegistry } from '../core/proof/image-verdict.ts';
import type { Trust } from '../core/proof/trust.ts';

/** A container registry, read only. */
export interface Registry {
  /**
   * Everything the registry holds of an image, and what of it is signed by somebody trusted. A tag is read once; all
   * else is asked for by digest and held against it. A signature or statement that cannot be read is told, not
   * thrown. Throws a `RegistryProblem` when the image itself cannot be read whole.
   */
  look(reference: string, more: LookMore): Promise<ImageSeen>;
}

export type LookMore = {
  /** Whose signatures count. Absent: signatures are not looked for. */
  readonly trust?: Trust;
};

/** What people may say of the way to registries. */
export type RegistryReach = {
  /** Credentials; absent: where podman and docker keep theirs. */
  readonly authFile?: string;
  /** By `host` or `host:port`. */
  readonly hosts: Readonly<Record<string, HostRules>>;
};

/**
 * missing: the registry does not have it. content: what it serves is not what the digest says, or no image.
 * denied: credentials are missing or not enough. unreachable: no answer in time. usage: the question is wrong.
 */
export type RegistryTrouble = 'missing' | 'content' | 'denied' | 'unreachable' | 'usage';

/** An image that cannot be read: what, where, allowed, next. */
export class RegistryProblem extends Error {
  override name = 'RegistryProblem';
  readonly trouble: RegistryTrouble;
  readonly next: string;

  constructor(trouble: RegistryTrouble, message: string, next: string) {
    super(message);
    this.trouble = trouble;
    this.next = next;
  }
}

/** An image that is asked about: `reference` as registries know it, and what runs now, if anything does. */
export type ImageAsked = ImageQuestion & {
  readonly reference: string;
  readonly commit: Commit;
  readonly deployed: readonly string[];
};

/**
 * Whether an image is what it must be. What the registry does not have, or has otherwise, is a refused image; throws the
 * `RegistryProblem` when the registry does not say, and when what runs now cannot be had to compare with.
 */
export async function verdictOn(registry: Registry, asked: ImageAsked): Promise<ImageVerdict> {
  const { reference, commit, wanted, trust } = asked;
  const [deployed, seen] = await Promise.all([
    Promise.all(asked.deployed.map((one) => asDeployed(registry, one))),
    registry.look(reference, { trust }).catch((problem: unknown) => {
      if (isAnswer(problem)) return problem;
      throw problem;
    }),
  ]);
  if (seen instanceof RegistryProblem) return refusedByRegistry(reference, seen.message, seen.next);
  return judgeImage(seen, { ...wanted, commit, deployed });
}

const isAnswer = (problem: unknown): problem is RegistryProblem =>
  problem instanceof RegistryProblem && (problem.trouble === 'missing' || problem.trouble === 'content');

async function asDeployed(registry: Registry, reference: string) {
  try {
    return { reference, images: (await registry.look(reference, {})).images };
  } catch (problem) {
    if (!isAnswer(problem)) throw problem;
    // Said of what runs now, this is no word on the image that is asked about.
    const next = 'name the repository that holds the deployed image';
    throw new RegistryProblem('usage', `the deployed image cannot be read: ${problem.message}`, next);
  }
}
