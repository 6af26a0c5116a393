import { sql } from 'kysely';
import type { ImageFacts } from '../../core/fleet/control-plane.ts';
import type { Db } from './connection.ts';
import { storableJson } from './storable.ts';

/**
 * Records what is in images. What a build said (it names fixes) wins over what was seen in the fleet,
 * whichever comes first; of two sightings the first stays, and the second fills what it did not know.
 */
export async function upsertImages(trx: Db, images: readonly ImageFacts[]): Promise<void> {
  if (images.length === 0) return;
  const rows = storableJson('The images', onePerDigest(images));
  // Ordered, so that two writers never wait for each other in a circle.
  await sql`
    insert into fleetfix.images as known (digest, component, commit, release, fixes)
    select digest, component, commit, release, fixes
    from jsonb_to_recordset(${rows}::jsonb) as row (digest text, component text, commit text, release text, fixes text[])
    order by digest
    on conflict (digest) do update set
      component = case when cardinality(excluded.fixes) > 0 then excluded.component else known.component end,
      commit = case when cardinality(excluded.fixes) > 0 then excluded.commit else coalesce(known.commit, excluded.commit) end,
      release = case when cardinality(excluded.fixes) > 0 then excluded.release else coalesce(known.release, excluded.release) end,
      fixes = case when cardinality(excluded.fixes) > 0 then excluded.fixes else known.fixes end
    where cardinality(excluded.fixes) > 0
      or (cardinality(known.fixes) = 0 and known.commit is null and excluded.commit is not null)`.execute(
    trx,
  );
}

/** One statement may touch a row once. The one that names fixes wins, then the first that knows its commit. */
function onePerDigest(images: readonly ImageFacts[]): ImageFacts[] {
  const worth = (image: ImageFacts) => (image.fixes.length > 0 ? 2 : image.commit === undefined ? 0 : 1);
  const best = new Map<string, ImageFacts>();
  for (const image of images) {
    const known = best.get(image.digest);
    if (known === undefined || worth(image) > worth(known)) best.set(image.digest, image);
  }
  return [...best.values()];
}

/** All images, or those of one component, by digest. */
export async function readImages(db: Db, component?: string): Promise<ImageFacts[]> {
  const all = db.selectFrom('images').selectAll().orderBy('digest');
  const rows = await (component === undefined ? all : all.where('component', '=', component)).execute();
  return rows.map(({ commit, release, ...row }) => ({
    ...row,
    ...(commit !== null && { commit }),
    ...(release !== null && { release }),
  }));
}
