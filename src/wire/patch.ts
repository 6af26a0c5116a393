/** A patch of more than this is no fix. */
export const PATCH_BYTES_MAX = 256 * 1024;

/** Why a text cannot be a patch of `git format-patch` or `git diff`, by what can be seen without a repository. */
export function patchProblem(text: string): string | undefined {
  if (Buffer.byteLength(text) > PATCH_BYTES_MAX)
    return `expected at most ${PATCH_BYTES_MAX / 1024} KiB; name the commits of a larger change`;
  if (text.includes('\0') || !text.isWellFormed()) return 'expected text without NUL and half characters';
  if (!/^(diff --git |--- )/m.test(text)) return 'expected what git format-patch or git diff wrote';
  return undefined;
}
