/** One `name=reference` of the image-overrides annotation, and its text as it stands there. */
export type ImageOverride = { readonly name: string; readonly ref: string; readonly text: string };

/**
 * Reads the value of the image-overrides annotation. HyperShift skips what it cannot read with only a warning in its log
 * (buildComponentImages in control-plane-operator/main.go), and of two entries of one name the last wins: both are faults here,
 * since somebody meant something that does not hold.
 */
export function parseImageOverrides(
  text: string,
): { readonly entries: readonly ImageOverride[] } | { readonly fault: string } {
  const entries: ImageOverride[] = [];
  for (const part of text.split(',').filter((p) => p !== '')) {
    const at = part.indexOf('=');
    const [name, ref] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    if (name.trim() === '' || ref.trim() === '')
      return { fault: `${JSON.stringify(part)} is not of the form name=reference` };
    if (entries.some((e) => e.name === name)) return { fault: `${name} is named twice` };
    entries.push({ name, ref, text: part });
  }
  return { entries };
}

/**
 * The value with one entry put in (at its place, or last) or, with `ref` null, taken out; the others keep order and text.
 * Null: nothing is left, and the key goes.
 */
export function withImageOverride(
  entries: readonly ImageOverride[],
  { name, ref }: { readonly name: string; readonly ref: string | null },
): string | null {
  const own = ref === null ? [] : [`${name}=${ref}`];
  const at = entries.findIndex((e) => e.name === name);
  const texts = entries.map((e) => e.text);
  const next = at < 0 ? [...texts, ...own] : [...texts.slice(0, at), ...own, ...texts.slice(at + 1)];
  return next.length === 0 ? null : next.join(',');
}
