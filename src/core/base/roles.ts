/** What a person may be. Two stages name roles (proof and approval), so they live below both. */
export const ROLES = [
  'viewer',
  'requester',
  'engineer',
  'qe',
  'approver',
  'operator',
  'on-call',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];
