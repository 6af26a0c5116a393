import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyChain } from '../../core/life/chain.ts';
import type { Event } from '../../core/life/event.ts';
import { write } from '../../ports/ledger.contract.ts';
import { StorageDown } from '../../ports/storage.ts';
import { startEmbedded } from './embedded.ts';
import { openStorage } from './index.ts';
import { mayMount, mountDisk } from './small-disk.ts';
import { temporaryFolder } from './testing.ts';

// Servers here keep every promise they make to a disk: fsync is on.

const paused = (reason: string): Event => ({ type: 'Paused', reason });

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
beforeEach(() => {
  folder = temporaryFolder();
  dataDir = path.join(folder.dir, 'data');
});
afterEach(() => folder.remove());

/** Calls until it works again; anything but StorageDown on the way is a fault. */
async function whenBack<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof StorageDown)) throw problem;
      await pause(20);
    }
  }
}

describe('PostgreSQL killed with -9', () => {
  test('in the middle of appends loses none that was acknowledged, and comes back by itself', async () => {
    const server = await startEmbedded({ dataDir });
    const storage = await openStorage({ connection: server.connection });
    try {
      await storage.ledger.append(write());
      const acknowledged: string[] = [];
      let broken = 0;
      const appendOne = async (reason: string) => {
        const expectedVersion = (await storage.ledger.events('FIX-1')).length;
        const done = await storage.ledger.append(write({ expectedVersion, events: [paused(reason)] }));
        if (done.outcome === 'appended') acknowledged.push(reason);
      };
      for (let round = 0; round < 3; round++) {
        const until = acknowledged.length + 10;
        const lanes = [0, 1, 2].map(async (lane) => {
          for (let i = 0; acknowledged.length < until + 10; i++) {
            if (acknowledged.length >= until && lane === 0) process.kill(server.pid(), 'SIGKILL');
            const down = await appendOne(`${round}/${lane}/${i}`).catch((problem) => problem);
            if (down === undefined) continue;
            expect(down).toBeInstanceOf(StorageDown);
            broken++;
            return;
          }
        });
        await Promise.all(lanes);
        await whenBack(() => storage.ledger.head());
      }
      expect(broken).toBeGreaterThan(0);
      const rows = await storage.ledger.events('FIX-1');
      expect(verifyChain(rows)).toEqual({ verified: true, events: rows.length });
      const kept = new Set(rows.map((row) => ('reason' in row.event ? row.event.reason : '')));
      expect(acknowledged.filter((reason) => !kept.has(reason))).toEqual([]);
    } finally {
      await storage.close();
      await server.stop();
    }
  });
});

describe('a database that goes away and comes back', () => {
  test('makes calls fail as StorageDown in between and work again after, listeners included', async () => {
    const first = await startEmbedded({ dataDir });
    const storage = await openStorage({ connection: first.connection });
    try {
      await storage.ledger.append(write());
      await first.stop();
      await expect(storage.ledger.head()).rejects.toThrow(StorageDown);
      await expect(storage.ledger.append(write({ expectedVersion: 1 }))).rejects.toThrow(StorageDown);
      await expect(storage.fleet.planes()).rejects.toThrow(StorageDown);
      await expect(storage.people.list()).rejects.toThrow(StorageDown);
      await expect(storage.healthy()).rejects.toThrow(StorageDown);

      const again = await startEmbedded({ dataDir });
      try {
        await storage.healthy();
        const heard = Promise.withResolvers<number>();
        storage.ledger.onAppend((_fix, seq) => heard.resolve(seq));
        const done = await storage.ledger.append(write({ expectedVersion: 1, events: [paused('x')] }));
        expect(done).toMatchObject({ outcome: 'appended', recorded: [{ version: 2 }] });
        expect(await heard.promise).toBe(await storage.ledger.head());
      } finally {
        await storage.close();
        await again.stop();
      }
    } finally {
      await storage.close();
      await first.stop();
    }
  });
});

describe('a disk that fills up under an open storage', () => {
  test('makes appends fail as StorageDown, keeps what was acknowledged, and works again with room', async (context) => {
    if (!mayMount()) context.skip('a small disk cannot be mounted here');
    const disk = mountDisk(dataDir, '160m');
    try {
      const server = await startEmbedded({ dataDir });
      const storage = await openStorage({ connection: server.connection });
      try {
        await storage.ledger.append(write());
        fs.writeFileSync(path.join(dataDir, 'ballast'), Buffer.alloc(disk.freeBytes() - 2 ** 20));
        const reason = randomBytes(100_000).toString('hex');
        let version = 1;
        const appendOne = async () => {
          const done = await storage.ledger.append(
            write({ expectedVersion: version, events: [paused(reason)] }),
          );
          if (done.outcome === 'appended') version++;
        };
        const full = await untilItFails(appendOne);
        expect(full).toBeInstanceOf(StorageDown);

        fs.rmSync(path.join(dataDir, 'ballast'));
        const rows = await whenBack(() => storage.ledger.events('FIX-1'));
        expect(rows.length).toBeGreaterThanOrEqual(version);
        expect(verifyChain(rows)).toEqual({ verified: true, events: rows.length });
        version = rows.length;
        await whenBack(appendOne);
      } finally {
        await storage.close();
        await server.stop();
      }
    } finally {
      disk.unmount();
    }
  });
});

async function untilItFails(work: () => Promise<void>): Promise<unknown> {
  for (;;) {
    try {
      await work();
    } catch (problem) {
      return problem;
    }
  }
}
