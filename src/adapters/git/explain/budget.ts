import { EXPLAINED_MAX } from '../../../core/assembly/explanation.ts';

/** How much of all patches together may still be given. */
export type Budget = {
  /** As many of the lines as there is room for, and how many that leaves out. */
  take(lines: readonly string[]): { readonly patch: readonly string[]; readonly leftOut: number };
};

/** `bytesMax`: of all patches together, as UTF-8. */
export function openBudget(bytesMax: number): Budget {
  let left = bytesMax;
  return {
    take(lines) {
      const patch: string[] = [];
      for (const line of lines.slice(0, EXPLAINED_MAX.patchLines)) {
        const size = Buffer.byteLength(line) + 1;
        // Once full it stays full: a later small patch must not look as if everything had been given.
        if (size > left) {
          left = 0;
          break;
        }
        left -= size;
        patch.push(line);
      }
      return { patch, leftOut: lines.length - patch.length };
    },
  };
}
