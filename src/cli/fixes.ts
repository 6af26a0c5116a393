import { type FixId, isFixId } from '../core/base/ids.ts';
import type { FixRow } from '../core/views/list-view.ts';
import type { Context } from './context.ts';
import { misuse } from './exit.ts';
import type { Items, Person } from './shapes.ts';

/** The fix a person named: its id, or `-` for the only open fix they own. */
export async function fixOf(context: Context, text: string): Promise<FixId> {
  if (text === '-') return await onlyOwn(context);
  const id = text.toUpperCase();
  if (!isFixId(id)) throw misuse(`"${text}" is no fix: expected FIX-1, or - for the only open fix you own`);
  return id;
}

async function onlyOwn({ client }: Context): Promise<FixId> {
  const [me, fixes] = await Promise.all([
    client.get<Person>('/whoami'),
    client.get<Items<FixRow>>('/fixes', { open: true }),
  ]);
  const own = fixes.items.filter((fix) => fix.author === me.name);
  const [only, ...more] = own;
  if (!only) throw misuse(`- means the only open fix you own, and ${me.name} owns none`, ['fleetfix status']);
  if (more.length > 0)
    throw misuse(
      `- means the only open fix you own, and ${me.name} owns ${own.length}: ${own.map((f) => f.id).join(', ')}`,
    );
  return only.id;
}
