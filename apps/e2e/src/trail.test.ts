import { expect, it } from 'vitest';
import { createTrail } from './trail.ts';

const request = { user: 'admin', apiServer: 0, method: 'GET', path: '/api' };

it('writes down each request with an audit ID of its own, and its answer', () => {
  let nowMs = 1000;
  const trail = createTrail(() => nowMs);
  const [one, two] = [trail.begin(request), trail.begin(request)];
  nowMs = 1500;
  trail.answer(two.auditId, 403);

  expect(one.auditId).not.toBe(two.auditId);
  expect(trail.entries).toEqual([
    { ...request, auditId: one.auditId, sentAtMs: 1000 },
    { ...request, auditId: two.auditId, sentAtMs: 1000, status: 403, answeredAtMs: 1500 },
  ]);
});

it('does not take the answer to somebody else’s request', () => {
  expect(() => createTrail().answer('unknown', 200)).toThrow('unknown');
});
