import assert from "node:assert/strict";
import fc from "fast-check";
import { DueQueue } from "../../src/pipeline/producer/due_queue.ts";

Deno.test("DueQueue returns those who are due, longest due first, in whatever order they were added", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }),
    fc.array(fc.record({ now: fc.integer({ min: 0, max: 60 }), most: fc.nat(7) })),
    (dues, takes) => {
      const queue = new DueQueue();
      for (const [id, due] of dues.entries()) queue.add(id, due);
      let left = dues.map((due, id) => ({ due, id }));
      for (const { now, most } of takes) {
        const taken = queue.take(now, most).map((id) => dues[id]!);
        const expected = left.map(({ due }) => due).filter((due) => due <= now)
          .sort((a, b) => a - b).slice(0, most);
        assert.deepEqual(taken, expected);
        for (const due of taken) left = left.toSpliced(left.findIndex((one) => one.due === due), 1);
        assert.equal(
          queue.next,
          left.length === 0 ? undefined : Math.min(...left.map((one) => one.due)),
        );
      }
    },
  ));
});
