import { expect } from 'vitest';
import { type Problem, problemSchema } from '../../wire/api.ts';
import { PROBLEMS, type ProblemCode } from '../../wire/problems.ts';

/** Expects a whole and consistent problem of this code, and returns it. */
export async function problem(response: Response, code: ProblemCode): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = problemSchema.parse(await response.json());
  expect(body.code).toBe(code);
  expect(response.status).toBe(PROBLEMS[code].status);
  expect(body.status).toBe(response.status);
  expect(body.instance).toBe(`urn:fleetfix:request:${response.headers.get('request-id')}`);
  return body;
}
