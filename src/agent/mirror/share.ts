/** Gives back the value that is equal to this one and was there before, or this one; what is made of JSON, and never changed. */
export type Share = <T>(value: T) => T;

/** A few thousand pod templates. */
const CHARACTERS_MAX = 2_000_000;

/**
 * Makes equal values one: the pods of thousands of control planes say the same of the same images. What is shared is frozen. What
 * nobody asked for in a long while is forgotten, by two tables that take turns, so what is shared with nobody costs little; what is
 * still held then stays as it is, and is merely not shared with those that come later.
 *
 * `charactersMax`: of the texts of the values in either table.
 */
export function createShare(charactersMax = CHARACTERS_MAX): Share {
  const objects = createTable(charactersMax);
  const strings = createTable(charactersMax);
  return <T>(value: T): T => {
    if (typeof value === 'string') return strings(value, () => value) as T;
    if (typeof value !== 'object' || value === null) return value;
    return objects(JSON.stringify(value), () => frozen(value)) as T;
  };
}

type Table = (key: string, make: () => unknown) => unknown;

function createTable(charactersMax: number): Table {
  let recent = new Map<string, unknown>();
  let earlier = new Map<string, unknown>();
  let characters = 0;
  return (key, make) => {
    const there = recent.get(key);
    if (there !== undefined) return there;
    const kept = earlier.get(key) ?? make();
    if (characters + key.length > charactersMax) {
      earlier = recent;
      recent = new Map();
      characters = 0;
    }
    recent.set(key, kept);
    characters += key.length;
    return kept;
  };
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
