import { fail, ok } from '../../core/base/result.ts';
import type { Desk } from '../desk.ts';
import type { Parts } from '../parts.ts';

/** How long the tests of a component took. */
export function createTestTimesDesk({
  testTimes,
  config,
}: Pick<Parts, 'testTimes' | 'config'>): Pick<Desk, 'testTimes'> {
  return {
    async testTimes(component, query) {
      const names = config.components.map(({ name }) => name);
      if (!names.includes(component))
        return fail({
          code: 'not-found',
          detail: `no component ${component} is configured: there are ${names.join(', ')}`,
          next: ['fleetfix get components'],
        });
      const page = (await testTimes?.page(component, query)) ?? { items: [], total: 0 };
      if (page.total > 0) return ok(page);
      return ok({ ...page, because: untold(config, component, testTimes !== undefined) });
    },
  };
}

/** Why no time of a component's tests is known. */
function untold({ components }: Parts['config'], component: string, isKept: boolean): string {
  if (!isKept) return 'this hub keeps no times of tests';
  const told = components
    .flatMap(({ name, gates }) => (name === component ? gates : []))
    .flatMap(({ name, junit }) => (junit === undefined ? [] : [name]));
  if (told.length === 0) return `no gate of ${component} names a report (junit), so none tells of its tests`;
  return `no run of the gates of ${component} that name a report (${told.join(', ')}) has told of a test yet`;
}
