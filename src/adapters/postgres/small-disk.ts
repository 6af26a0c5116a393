import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

// For tests only: a disk of a given size, in memory.

/** Whether file systems may be mounted here: root with the capability for it, on Linux. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Mounts a disk of `size` (`8m`) on a new folder. Whoever mounts it unmounts it. */
export function mountDisk(dir: string, size: string): { freeBytes(): number; unmount(): void } {
  fs.mkdirSync(dir, { mode: 0o711 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=711`, 'tmpfs', dir]);
  return {
    freeBytes: () => {
      const { bsize, bavail } = fs.statfsSync(dir);
      return bsize * bavail;
    },
    unmount: () => execFileSync('umount', [dir]),
  };
}
