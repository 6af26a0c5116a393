import type { TimedTest, TimesOrder } from '../core/select/test-times.ts';
import type { TimedTestsAnswer } from '../wire/test-times.ts';
import type { Client } from './client.ts';

const PAGE_MAX = 1_000;

/** The first `limit` tests of a component that the hub knows the times of. */
export async function testTimesOf(
  client: Client,
  component: string,
  { by, limit }: { readonly by: TimesOrder; readonly limit: number },
): Promise<TimedTestsAnswer> {
  const items: TimedTest[] = [];
  let after: string | undefined;
  let total = 0;
  let because: string | undefined;
  do {
    const room = Math.min(PAGE_MAX, limit - items.length);
    const page = await client.get<TimedTestsAnswer>('/test-times', { component, by, limit: room, after });
    items.push(...page.items);
    total = page.total;
    after = page.next;
    because = page.because;
  } while (after !== undefined && items.length < limit);
  return { items, total, ...(because !== undefined && { because }) };
}
