// Goal: every checker of what is written and handed over can fail: a story that is in order is broken in one place, and the checker says so.
import { describe, expect, test } from 'vitest';
import { neverWritten, WRITE_CHECKS } from './check-orders.ts';
import { newStory, type Story, tellWritten, type Written } from './story.ts';
import { DECLARED, DELIVERING, OLD, order, started, storyOf, TERMS, writing } from './test-story.ts';

describe('an append that breaks the rule', () => {
  const check = (name: string, written: Written, story: Story) =>
    WRITE_CHECKS[name]!(written, story, TERMS).join('; ');
  const told = () => {
    const story = storyOf(...DELIVERING, started('one'));
    return { story, rows: [story.rows.at(-1)!] };
  };

  test('has an order that is not signed as it is', () => {
    const { story, rows } = told();
    expect(check('orders are signed', writing(rows, { orders: [order('one')] }), story)).toBe('');
    const forged = { ...order('one'), digest: OLD };
    expect(check('orders are signed', writing(rows, { orders: [forged] }), story)).toMatch('no signature');
  });

  test('has an order under a key or sequence that was used', () => {
    const name = 'an order has a key and a turn of its own';
    const { story, rows } = told();
    const written = writing(rows, { orders: [order('one')] });
    expect(check(name, written, story)).toBe('');
    tellWritten(story, written);
    expect(check(name, written, story)).toMatch('was given before');
    const stale = order('one', { key: 'FIX-1/one/4', sequence: 4 });
    expect(check(name, writing(rows, { orders: [stale] }), story)).toMatch('does not come after 5');
  });

  test('has an order that no event asks for, or an event without its order', () => {
    const name = 'orders say what the events say';
    const { story, rows } = told();
    expect(check(name, writing(rows, { orders: [order('one')] }), story)).toBe('');
    expect(check(name, writing(rows), story)).toMatch('no order to it was written');
    expect(check(name, writing(rows, { orders: [order('one'), order('two')] }), story)).toMatch(
      'no event names two',
    );
    const other = order('one', { digest: OLD });
    expect(check(name, writing(rows, { orders: [other] }), story)).toMatch(`asks for ${OLD}`);
  });

  test('carries out a command a second time', () => {
    const name = 'a command is carried out once';
    const story = storyOf(DECLARED);
    const written = writing(story.rows);
    expect(check(name, written, story)).toBe('');
    tellWritten(story, written);
    expect(check(name, written, story)).toMatch("ann's command k1 was carried out twice");
  });

  test('is not what is handed over to the clusters', () => {
    const story = newStory();
    tellWritten(story, writing([], { orders: [order('one')] }));
    expect(neverWritten([order('one')], story)).toEqual([]);
    expect(neverWritten([order('two')], story).join()).toMatch('not on the ledger');
    expect(neverWritten([order('one', { digest: OLD })], story).join()).toMatch('was changed');
  });

  test('is tried here for every rule there is', () => {
    expect(Object.keys(WRITE_CHECKS)).toHaveLength(4);
  });
});
