import type { Actor } from '../core/approval/approval.ts';
import type { Role } from '../core/base/roles.ts';

/** Who holds a token. */
export interface People {
  /** The person a token belongs to; undefined for an unknown or revoked one. Only hashes are kept. */
  byToken(token: string): Promise<Actor | undefined>;
  /** Makes or replaces a person's token and returns it, the only time it can be read. */
  issue(name: string, roles: readonly Role[]): Promise<string>;
  list(): Promise<Actor[]>;
}
