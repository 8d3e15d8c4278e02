import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { networkProblem, Problem } from "@/api/problem";
import { BATCH, GATHER_MS, LEAVE_MS, MarkQueue, type Notice, type Transport } from "./mark-queue";
import { asMarked, type Marked } from "./marked";
import type { HeldRecord, MarksAnswer, VerdictAnswer } from "./types";

const DEALT = "2025-02-28T02:00:00+00:00";
const record = (id: string, more: Partial<Marked> = {}): Marked => ({
  id,
  version: 0,
  assigned_at: DEALT,
  ...more,
});
const NOBODY: MarksAnswer = { records: [], conflicts: [], missing: [] };
const judgement = (more: Partial<VerdictAnswer> = {}): VerdictAnswer => ({
  success: true,
  validation_status: null,
  replacement_details: [],
  updated_count: 1,
  auto_replaced: 0,
  replacement_failed: 0,
  records: [],
  ...more,
});

type Sent = Parameters<Transport["marks"]>[0];
let sent: Sent[] = [];
let judged: { body: Parameters<Transport["verdict"]>[0]; key: string }[] = [];
let notices: Notice[] = [];
let saved: string[][] = [];
let answerMarks: (marks: Sent) => Promise<MarksAnswer>;
let answerVerdict: (body: (typeof judged)[number]["body"]) => Promise<VerdictAnswer>;
let queue: MarkQueue;

/** The server accepts everything and counts versions up. */
const accept = async (marks: Sent): Promise<MarksAnswer> => ({
  ...NOBODY,
  records: marks.map(({ record_id, version, whatsapp_status = null, respond_status = null }) => ({
    id: record_id,
    version: (version ?? 0) + 1,
    whatsapp_status,
    respond_status,
  })),
});

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  judged = [];
  notices = [];
  saved = [];
  answerMarks = accept;
  answerVerdict = async () => judgement();
  let keys = 0;
  queue = new MarkQueue(
    {
      marks: (marks) => {
        sent.push(marks);
        return answerMarks(marks);
      },
      verdict: (body, key) => {
        judged.push({ body, key });
        return answerVerdict(body);
      },
    },
    () => {
      keys += 1;
      return `key-${keys}`;
    },
    (notice) => notices.push(notice),
    (ids) => saved.push(ids),
  );
});
afterEach(() => vi.useRealTimers());

const gather = () => vi.advanceTimersByTimeAsync(GATHER_MS);
const shown = (row: Marked) => asMarked(row, queue.getState());

describe("marks", () => {
  it("are on screen at once and sent together a moment later", async () => {
    queue.mark(record("a"), { whatsapp_status: "ada" });
    queue.mark(record("b"), { whatsapp_status: "tidak" });
    queue.mark(record("a"), { respond_status: "ya" });
    expect(shown(record("a"))).toMatchObject({ whatsapp_status: "ada", respond_status: "ya" });
    expect(queue.getState().phase).toBe("saving");
    expect(sent).toEqual([]);
    await gather();
    expect(sent).toEqual([
      [
        { record_id: "a", whatsapp_status: "ada", respond_status: "ya", version: 0 },
        { record_id: "b", whatsapp_status: "tidak", version: 0 },
      ],
    ]);
    expect(queue.getState().phase).toBe("saved");
    expect(saved).toEqual([["a", "b"]]);
    expect(shown(record("a"))).toMatchObject({ whatsapp_status: "ada", version: 1 });
  });

  it("the last value wins and a cleared mark is sent as cleared", async () => {
    queue.mark(record("a"), { whatsapp_status: "ada" });
    queue.mark(record("a"), { whatsapp_status: null });
    await gather();
    expect(sent).toEqual([[{ record_id: "a", whatsapp_status: null, version: 0 }]]);
  });

  it(`go in batches of at most ${BATCH}, one request after the other`, async () => {
    for (let index = 0; index < BATCH * 2 + 5; index += 1) {
      queue.mark(record(`r${index}`), { respond_status: "ya" });
    }
    await gather();
    expect(sent.map((marks) => marks.length)).toEqual([BATCH, BATCH, 5]);
  });

  it("a second mark of a record carries the version that the first one made", async () => {
    const row = record("a");
    queue.mark(row, { whatsapp_status: "ada" });
    await gather();
    queue.mark(row, { respond_status: "tidak" });
    await gather();
    expect(sent[1]).toEqual([{ record_id: "a", respond_status: "tidak", version: 1 }]);
  });

  it("a list that was read before the mark was saved does not bring the old value back", async () => {
    queue.mark(record("a"), { whatsapp_status: "ada" });
    await gather();
    expect(shown(record("a", { version: 0, whatsapp_status: null })).whatsapp_status).toBe("ada");
    expect(shown(record("a", { version: 2, whatsapp_status: "tidak" })).whatsapp_status).toBe("tidak");
  });

  it("a record that was dealt anew starts without the marks of its former time", async () => {
    queue.mark(record("a", { version: 4 }), { whatsapp_status: "ada" });
    await gather();
    expect(shown(record("a", { assigned_at: "2025-03-02T02:00:00+00:00" })).whatsapp_status).toBeUndefined();
  });
});

describe("what goes wrong", () => {
  it("a refusal takes the marks back and is told", async () => {
    answerMarks = () => Promise.reject(new Problem({ status: 422, code: "invalid" }));
    queue.mark(record("a", { whatsapp_status: "ceklis1" }), { whatsapp_status: "ada" });
    await gather();
    expect(shown(record("a", { whatsapp_status: "ceklis1" })).whatsapp_status).toBe("ceklis1");
    expect(notices).toMatchObject([{ kind: "refused", count: 1 }]);
    expect(queue.getState().phase).toBe("saved");
  });

  it("a record that is no longer one's own is taken back alone", async () => {
    answerMarks = async (marks) => ({ ...(await accept(marks.slice(1))), missing: ["a"] });
    queue.mark(record("a"), { whatsapp_status: "ada" });
    queue.mark(record("b"), { whatsapp_status: "ada" });
    await gather();
    expect(shown(record("a")).whatsapp_status).toBeUndefined();
    expect(shown(record("b")).whatsapp_status).toBe("ada");
    expect(notices).toEqual([{ kind: "missing", count: 1 }]);
  });

  it("without a connection nothing is lost: it says so and tries again, the newest value last", async () => {
    answerMarks = () => Promise.reject(networkProblem());
    queue.mark(record("a"), { whatsapp_status: "ada" });
    await gather();
    expect(queue.getState().phase).toBe("unsaved");
    expect(shown(record("a")).whatsapp_status).toBe("ada");
    queue.mark(record("a"), { whatsapp_status: "tidak" });
    await gather();
    expect(sent).toHaveLength(1);
    answerMarks = accept;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent.slice(1).map((marks) => marks[0]?.whatsapp_status)).toEqual(["ada", "tidak"]);
    expect(queue.getState().phase).toBe("saved");
    expect(shown(record("a")).whatsapp_status).toBe("tidak");
    expect(notices).toEqual([]);
  });

  it("a busy server is asked again when it wants to be asked", async () => {
    answerMarks = () =>
      Promise.reject(new Problem({ status: 429, code: "too_many_requests", retryAfter: 7 }));
    queue.mark(record("a"), { whatsapp_status: "ada" });
    await gather();
    answerMarks = accept;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(2);
  });

  it("a page that goes sends all at once, without waiting for the first answer", async () => {
    let release: (answer: MarksAnswer) => void = () => {};
    answerMarks = () => new Promise((resolve) => (release = resolve));
    queue.mark(record("a"), { whatsapp_status: "ada" });
    await gather();
    queue.mark(record("a"), { respond_status: "ya" });
    queue.judge(record("b"), { is_valid: true });
    queue.drain();
    expect(sent[1]).toEqual([{ record_id: "a", respond_status: "ya", version: undefined }]);
    expect(judged).toHaveLength(1);
    release(NOBODY);
  });
});

describe("conflicts", () => {
  const conflict = {
    record_id: "a",
    field: "whatsapp_status" as const,
    yours: "ada",
    theirs: "tidak",
    by_name: "Budi",
    at: DEALT,
    version: 3,
  };
  beforeEach(async () => {
    answerMarks = async () => ({ ...NOBODY, conflicts: [conflict] });
    queue.mark(record("a"), { whatsapp_status: "ada" });
    await gather();
    answerMarks = accept;
  });

  it("show the other's value and both to choose from", () => {
    expect(shown(record("a")).whatsapp_status).toBe("tidak");
    expect(queue.getState().conflicts).toEqual([conflict]);
  });

  it("theirs stays when it is chosen", async () => {
    queue.settle(conflict, "theirs");
    await gather();
    expect(sent).toHaveLength(1);
    expect(queue.getState().conflicts).toEqual([]);
    expect(shown(record("a")).whatsapp_status).toBe("tidak");
  });

  it("yours is set over the version that is now known", async () => {
    queue.settle(conflict, "yours");
    await gather();
    expect(sent[1]).toEqual([{ record_id: "a", whatsapp_status: "ada", version: 3 }]);
    expect(shown(record("a")).whatsapp_status).toBe("ada");
  });

  it("of a verdict keep its reason for the second try", async () => {
    answerVerdict = () =>
      Promise.reject(
        new Problem({
          status: 409,
          code: "edited_meanwhile",
          extras: { version: 5, conflicts: [{ field: "validation", yours: "invalid", theirs: "validated" }] },
        }),
      );
    queue.judge(record("v"), { is_valid: false, reason: "duplicate" });
    await gather();
    const [, told] = queue.getState().conflicts;
    expect(shown(record("v")).validation_status).toBe("validated");
    answerVerdict = async () => judgement();
    if (told) queue.settle(told, "yours");
    await gather();
    expect(judged[1]?.body).toMatchObject({ is_valid: false, reason: "duplicate", version: 5 });
  });
});

describe("verdicts", () => {
  it("equal ones go together after the marks, each group with a key of its own", async () => {
    queue.judge(record("a"), { is_valid: true });
    queue.judge(record("b"), { is_valid: false, reason: "duplicate" });
    queue.judge(record("c"), { is_valid: true });
    queue.mark(record("a"), { whatsapp_status: "ada" });
    expect(shown(record("b"))).toMatchObject({
      validation_status: "invalid",
      validation_reason: "duplicate",
    });
    await gather();
    expect(sent).toHaveLength(1);
    expect(judged).toEqual([
      { body: { record_ids: ["a", "c"], is_valid: true, version: undefined }, key: "key-1" },
      { body: { record_ids: ["b"], is_valid: false, reason: "duplicate", version: 0 }, key: "key-2" },
    ]);
  });

  it("a try after a lost connection has the same key, so it counts once", async () => {
    answerVerdict = () => Promise.reject(networkProblem());
    queue.judge(record("a"), { is_valid: false, reason: "other" });
    await gather();
    answerVerdict = async () => judgement();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(judged.map(({ key }) => key)).toEqual(["key-1", "key-1"]);
  });

  it("a replaced record leaves, and its successor takes its place", async () => {
    const successor = { id: "new", version: 0 } as HeldRecord;
    answerVerdict = async () =>
      judgement({
        auto_replaced: 1,
        replacement_details: [{ record_id: "a", replaced_by: "new" }],
        records: [{ id: "a", version: 1, validation_status: "invalid" } as HeldRecord, successor],
      });
    queue.judge(record("a"), { is_valid: false, reason: "other" });
    await gather();
    expect(queue.getState().leaving.has("a")).toBe(true);
    await vi.advanceTimersByTimeAsync(LEAVE_MS);
    expect(queue.getState().leaving.size).toBe(0);
    expect(queue.getState().replaced.get("a")).toBe(successor);
    expect(notices).toMatchObject([{ kind: "judged", answer: { auto_replaced: 1 } }]);
  });

  it("of many, one that is no longer one's own is left out and the rest goes again", async () => {
    answerVerdict = async ({ record_ids }) => {
      if (record_ids.includes("b")) {
        throw new Problem({ status: 404, code: "unknown_contacts", extras: { record_ids: ["b"] } });
      }
      return judgement({
        records: record_ids.map((id) => ({ id, version: 1, validation_status: "validated" }) as HeldRecord),
      });
    };
    for (const id of ["a", "b", "c"]) queue.judge(record(id), { is_valid: true });
    await gather();
    expect(judged.map(({ body }) => body.record_ids)).toEqual([
      ["a", "b", "c"],
      ["a", "c"],
    ]);
    expect(judged[0]?.key).not.toBe(judged[1]?.key);
    expect(shown(record("a")).validation_status).toBe("validated");
    expect(shown(record("b")).validation_status).toBeUndefined();
    expect(notices[0]).toEqual({ kind: "missing", count: 1 });
  });
});
