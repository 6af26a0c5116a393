import type { Hook } from '@hono/zod-openapi';
import type { z } from 'zod';
import type { Trouble } from '../desk.ts';
import type { ApiEnv } from './context.ts';
import { Fault } from './fault.ts';

const FAULTS_SHOWN = 20;

/** Where each part of a request comes from, as a person would say it. */
const PARTS: Readonly<Record<string, string>> = {
  json: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'cookie',
  form: 'body',
};

/** Turns what zod found into one problem that names the place of every fault. */
export const refuseInvalid: Hook<unknown, ApiEnv, string, undefined> = (result) => {
  if (!result.success) throw new Fault(troubleOf(result.target, result.error.issues));
  return undefined;
};

function troubleOf(target: string, issues: readonly z.core.$ZodIssue[]): Trouble {
  const first = issues[0];
  // A header that is there is text, so only a missing one is of a wrong type.
  const missing = first?.code === 'invalid_type';
  if (target === 'param' && first?.path[0] === 'id') {
    return {
      code: 'fix-unknown',
      detail: 'path.id: expected FIX- and a number, such as FIX-12',
      next: ['fleetfix status'],
    };
  }
  if (target === 'header' && first?.path[0] === 'Idempotency-Key' && missing) {
    const detail =
      'header.Idempotency-Key: expected 1 to 255 printable characters, new for every act and the same when one is tried again';
    return { code: 'key-missing', detail };
  }
  return { code: 'bad-request', detail: faultText(target, issues) };
}

/** `body.targets[0].x: expected string, received number`, one line a fault, at most 20. */
export function faultText(target: string, issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.flatMap((issue) => linesOf(PARTS[target] ?? target, issue));
  const more = lines.length - FAULTS_SHOWN;
  return [...lines.slice(0, FAULTS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function linesOf(part: string, issue: z.core.$ZodIssue): string[] {
  const place = [part, ...issue.path.map(step)].join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${place}${step(key)}: not known here`);
  }
  if (issue.code === 'invalid_union' && issue.discriminator && 'options' in issue) {
    return [`${place}: expected one of ${(issue.options as unknown[]).join(', ')}`];
  }
  if (issue.code === 'invalid_union') {
    const choices = issue.errors.map((errors) => errors[0]?.message).filter((text) => text !== undefined);
    return [`${place}: ${[...new Set(choices.map(plainly))].join(', or ')}`];
  }
  if (issue.code === 'invalid_value') return [`${place}: expected one of ${issue.values.join(', ')}`];
  return [`${place}: ${plainly(issue.message)}`];
}

const step = (key: PropertyKey): string => {
  if (typeof key === 'number') return `[${key}]`;
  const text = String(key).slice(0, 64);
  return /^[A-Za-z_][\w-]*$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`;
};

/** `Invalid input: expected string, received undefined` becomes `expected string, received nothing`. */
function plainly(message: string): string {
  return message
    .replace(/^(Invalid \w+|Too (small|big|short|long)): /, '')
    .replace(/received undefined$/, 'received nothing');
}
