/** A copy as JSON says it, in which nothing can be changed: whoever reads it shares it with everybody. */
export const kept = <T>(value: T): T => frozen(JSON.parse(JSON.stringify(value)));

/** The same value, in which nothing can be changed from now on. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
