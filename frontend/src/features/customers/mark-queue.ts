import { isProblem, type Problem } from "@/api/problem";
import {
  conflictsOf,
  type Marked,
  type MarkValues,
  marksOf,
  type QueueState,
  type Values,
  valuesOf,
} from "./marked";
import type { Conflict, HeldRecord, MarksAnswer, Verdict, VerdictAnswer } from "./types";

/** Marks made within this time go in one request. */
export const GATHER_MS = 300;
export const BATCH = 50;
/** How long a replaced row takes to leave. */
export const LEAVE_MS = 180;
const RETRY_MS = [2_000, 4_000, 8_000, 15_000, 30_000];

export type Transport = {
  marks: (
    marks: ({ record_id: string; version?: number } & MarkValues)[],
  ) => Promise<Pick<MarksAnswer, "records" | "conflicts" | "missing">>;
  verdict: (
    body: Verdict & { record_ids: string[]; version?: number },
    idempotencyKey: string,
  ) => Promise<VerdictAnswer>;
};

/** What a person should hear about; the page turns it into words. */
export type Notice =
  | { kind: "refused"; problem: unknown; count: number }
  | { kind: "missing"; count: number }
  | { kind: "judged"; answer: VerdictAnswer };

type Entry = { version: number; assignedAt: string | null };
type Job = {
  sending: boolean;
  entries: Map<string, Entry & { values: MarkValues }>;
  verdict?: { intent: Verdict; key: string };
};

/** A second try can mend it: no connection, a busy or a failing server. */
const isPassing = (error: unknown): error is Problem =>
  isProblem(error) && (error.isNetwork || error.status === 429 || error.status >= 500);

/**
 * Marks are on screen at once and reach the server in small batches, in the order of one record's changes. What the
 * server refuses is taken back and said; what did not reach it is tried again until it does (spec 6.2).
 */
export class MarkQueue {
  private marks = new Map<string, Entry & { values: MarkValues }>();
  private verdicts = new Map<string, Entry & { intent: Verdict }>();
  private jobs: Job[] = [];
  private confirmed = new Map<string, { version: number; values: Values; assignedAt: string | null }>();
  private conflicts: Conflict[] = [];
  private leaving = new Set<string>();
  private replaced = new Map<string, HeldRecord>();
  private gather: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private state: QueueState = this.snapshot();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly transport: Transport,
    private readonly newKey: () => string,
    private readonly onNotice: (notice: Notice) => void,
    private readonly onSaved: (recordIds: string[]) => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getState = (): QueueState => this.state;

  mark(record: Marked, values: MarkValues): void {
    const before = this.marks.get(record.id);
    this.marks.set(record.id, { ...entryOf(record), values: { ...before?.values, ...values } });
    this.conflicts = this.conflicts.filter((one) => !(one.record_id === record.id && one.field in values));
    this.changed();
  }

  judge(record: Marked, intent: Verdict): void {
    this.verdicts.set(record.id, { ...entryOf(record), intent });
    this.conflicts = this.conflicts.filter(
      (one) => !(one.record_id === record.id && one.field === "validation"),
    );
    this.changed();
  }

  /** "theirs" leaves what is there; "yours" sets it once more, now knowing of the other's change. */
  settle(conflict: Conflict, choice: "yours" | "theirs"): void {
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    const confirmed = this.confirmed.get(conflict.record_id);
    const entry = { version: conflict.version, assignedAt: confirmed?.assignedAt ?? null };
    if (choice === "yours" && conflict.intent) {
      this.verdicts.set(conflict.record_id, { ...entry, intent: conflict.intent });
    } else if (choice === "yours") {
      const values = { [conflict.field]: conflict.yours } as MarkValues;
      const before = this.marks.get(conflict.record_id);
      this.marks.set(conflict.record_id, { ...entry, values: { ...before?.values, ...values } });
    }
    this.changed();
  }

  /** Everything at once, for a page that is about to go or be hidden; the requests outlive the page. */
  drain(): void {
    clearTimeout(this.gather);
    this.gather = undefined;
    for (let job = this.next(); job; job = this.next()) void this.run(job);
    this.publish();
  }

  retryNow = (): void => {
    clearTimeout(this.retry);
    this.retry = undefined;
    const waiting = this.jobs.filter((job) => !job.sending);
    for (const job of waiting) void this.run(job);
    this.publish();
  };

  private changed(): void {
    this.gather ??= setTimeout(() => {
      this.gather = undefined;
      this.proceed();
    }, GATHER_MS);
    this.publish();
  }

  /** One request at a time, so that a record's second mark knows the version that its first one made. */
  private proceed(): void {
    if (this.jobs.length > 0 || this.gather !== undefined) return;
    const job = this.next();
    if (job) void this.run(job);
    this.publish();
  }

  private next(): Job | undefined {
    const job = this.nextMarks() ?? this.nextVerdicts();
    if (job) this.jobs.push(job);
    return job;
  }

  private nextMarks(): Job | undefined {
    if (this.marks.size === 0) return undefined;
    const entries = [...this.marks].slice(0, BATCH);
    for (const [id] of entries) this.marks.delete(id);
    return { sending: false, entries: new Map(entries) };
  }

  /** Equal verdicts go together; with a reason or a note of its own a record goes alone. */
  private nextVerdicts(): Job | undefined {
    const first = this.verdicts.values().next().value;
    if (!first) return undefined;
    const same = JSON.stringify(first.intent);
    const entries = [...this.verdicts]
      .filter(([, { intent }]) => JSON.stringify(intent) === same)
      .slice(0, BATCH);
    for (const [id] of entries) this.verdicts.delete(id);
    return {
      sending: false,
      entries: new Map(entries.map(([id, entry]) => [id, { ...entry, values: {} }])),
      verdict: { intent: first.intent, key: this.newKey() },
    };
  }

  private async run(job: Job): Promise<void> {
    job.sending = true;
    try {
      if (job.verdict) await this.sendVerdict(job, job.verdict);
      else await this.sendMarks(job);
      this.failures = 0;
      this.onSaved([...job.entries.keys()]);
    } catch (error) {
      if (isPassing(error)) {
        job.sending = false;
        this.retryLater(error);
        this.publish();
        return;
      }
      if (!this.without(job, error)) this.refused(job, error);
      else if (job.entries.size > 0) return this.run(job);
    }
    this.jobs = this.jobs.filter((one) => one !== job);
    this.publish();
    this.proceed();
  }

  private retryLater(problem: Problem): void {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 0;
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(this.retryNow, Math.max(wait, (problem.retryAfter ?? 0) * 1000));
  }

  /** The version that this browser knows of, or none while an earlier change of the record is on its way. */
  private versionOf(job: Job, id: string, entry: Entry): number | undefined {
    if (this.jobs.some((other) => other !== job && other.entries.has(id))) return undefined;
    const confirmed = this.confirmed.get(id);
    const known = confirmed?.assignedAt === entry.assignedAt ? confirmed.version : 0;
    return Math.max(known, entry.version);
  }

  private async sendMarks(job: Job): Promise<void> {
    const answer = await this.transport.marks(
      [...job.entries].map(([record_id, entry]) => ({
        record_id,
        ...entry.values,
        version: this.versionOf(job, record_id, entry),
      })),
    );
    for (const { id, version, whatsapp_status, respond_status } of answer.records) {
      this.confirm(job, id, version, { whatsapp_status, respond_status });
    }
    this.disagree(job, answer.conflicts);
    if (answer.missing.length > 0) this.onNotice({ kind: "missing", count: answer.missing.length });
  }

  private async sendVerdict(job: Job, { intent, key }: { intent: Verdict; key: string }): Promise<void> {
    const ids = [...job.entries.keys()];
    const [only] = [...job.entries];
    const version = ids.length === 1 && only ? this.versionOf(job, only[0], only[1]) : undefined;
    const answer = await this.transport.verdict({ record_ids: ids, ...intent, version }, key);
    const rows = new Map(answer.records.map((row) => [row.id, row]));
    for (const row of answer.records) this.confirm(job, row.id, row.version, marksOf(row));
    const pairs = (answer.replacement_details ?? []).flatMap(({ record_id, replaced_by }) => {
      const successor = replaced_by ? rows.get(replaced_by) : undefined;
      return successor ? [[record_id, successor] as const] : [];
    });
    this.replace(pairs);
    this.onNotice({ kind: "judged", answer });
  }

  private confirm(job: Job, id: string, version: number, values: Values): void {
    const entry = job.entries.get(id);
    if (!entry) return;
    const before = this.confirmed.get(id);
    const same = before?.assignedAt === entry.assignedAt;
    if (same && before.version > version) return;
    this.confirmed.set(id, {
      version,
      values: same ? { ...before.values, ...values } : values,
      assignedAt: entry.assignedAt,
    });
  }

  private disagree(job: Job, conflicts: readonly Conflict[]): void {
    for (const conflict of conflicts) {
      const field = conflict.field === "validation" ? "validation_status" : conflict.field;
      this.confirm(job, conflict.record_id, conflict.version, { [field]: conflict.theirs });
      this.conflicts = [...this.conflicts, conflict];
    }
  }

  /** Verdicts are taken all or none: those that are no longer one's own are left out, and the rest goes once more. */
  private without(job: Job, error: unknown): boolean {
    if (!job.verdict || !isProblem(error) || error.status !== 404) return false;
    const unknown = Array.isArray(error.extras.record_ids) ? error.extras.record_ids.map(String) : [];
    const removed = unknown.filter((id) => job.entries.delete(id)).length;
    if (removed === 0) return false;
    this.onNotice({ kind: "missing", count: removed });
    job.verdict.key = this.newKey();
    return true;
  }

  private refused(job: Job, error: unknown): void {
    const [recordId] = job.entries.keys();
    const conflicts = recordId && isProblem(error) ? conflictsOf(error, recordId) : [];
    const intent = job.verdict?.intent;
    if (conflicts.length > 0)
      this.disagree(
        job,
        conflicts.map((conflict) => ({ ...conflict, intent })),
      );
    else this.onNotice({ kind: "refused", problem: error, count: job.entries.size });
  }

  private replace(pairs: (readonly [string, HeldRecord])[]): void {
    if (pairs.length === 0) return;
    this.leaving = new Set([...this.leaving, ...pairs.map(([old]) => old)]);
    setTimeout(() => {
      this.replaced = new Map([...this.replaced, ...pairs]);
      this.leaving = new Set([...this.leaving].filter((id) => !this.replaced.has(id)));
      this.publish();
    }, LEAVE_MS);
  }

  private publish(): void {
    this.state = this.snapshot();
    for (const listener of this.listeners) listener();
  }

  private snapshot(): QueueState {
    const waiting = new Map<string, Values>();
    const add = (id: string, values: Values) => waiting.set(id, { ...waiting.get(id), ...values });
    for (const { entries, verdict } of this.jobs ?? []) {
      for (const [id, { values }] of entries) add(id, verdict ? valuesOf(verdict.intent) : values);
    }
    for (const [id, { values }] of this.marks) add(id, values);
    for (const [id, { intent }] of this.verdicts) add(id, valuesOf(intent));
    const stuck = this.jobs.some((job) => !job.sending);
    return {
      waiting,
      confirmed: new Map(this.confirmed),
      conflicts: this.conflicts,
      leaving: this.leaving,
      replaced: this.replaced,
      phase: stuck ? "unsaved" : waiting.size > 0 ? "saving" : "saved",
    };
  }
}

const entryOf = (record: Marked): Entry => ({
  version: record.version,
  assignedAt: record.assigned_at ?? null,
});
