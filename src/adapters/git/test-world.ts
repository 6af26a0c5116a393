import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryWorld } from '../../ports/repository.contract.ts';
import { createRepositories } from './index.ts';
import { createTestSource } from './test-source.ts';

/** Two empty stores and as many sources as a test asks for; all in temporary folders. */
export async function createTestWorld(): Promise<RepositoryWorld & { readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-git-'));
  const sources: { dispose(): Promise<void> }[] = [];
  return {
    dir,
    repositories: createRepositories({ dir: join(dir, 'one') }),
    elsewhere: createRepositories({ dir: join(dir, 'two') }),
    async source() {
      const source = await createTestSource();
      sources.push(source);
      return source;
    },
    async dispose() {
      for (const one of sources) await one.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
