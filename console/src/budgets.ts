/** Harm budgets by name, as `fleetfix plan --budget` takes them. */
export const PROFILES = [
  { name: 'routine', budget: 12 },
  { name: 'standard', budget: 25 },
  { name: 'urgent', budget: 100 },
  { name: 'emergency', budget: 400 },
] as const;

export const BUDGET_MAX = 100_000;

/** A number of control planes as a person typed it; undefined when it is none that may be. */
export function budgetOf(text: string): number | undefined {
  const budget = text.trim() === '' ? Number.NaN : Number(text);
  return budget >= 1 && budget <= BUDGET_MAX ? budget : undefined;
}
