import type { BookForm, Deposit, PreviewRow } from "./types";

export type FieldFault = { field: string; message: string };

/**
 * A deposit between the key press and the ledger. `asking`: the same was booked a moment ago, somebody has to say whether
 * it is meant. `refused`: it cannot be saved as it is (`faults`, or `error`).
 */
export type Entry = {
  /** Also its idempotency key: a second try of the same entry can never book it twice. */
  id: string;
  form: BookForm;
  state: "sending" | "asking" | "refused";
  faults: FieldFault[];
  error?: unknown;
};

export type Transport = {
  preview: (form: BookForm) => Promise<PreviewRow>;
  book: (form: BookForm, key: string) => Promise<Deposit>;
};

/**
 * What has been entered and is not in the ledger yet. One after another, so that each is checked against those before it.
 * It outlives the page that fills it; what is refused or asked about stays here until somebody decides.
 */
export class BookingQueue {
  private entries: readonly Entry[] = [];
  /** What need not be asked about (any more): somebody said that it is meant, or it may have reached the ledger already. */
  private readonly settled = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private running = false;

  constructor(
    private readonly transport: Transport,
    private readonly newKey: () => string,
    private readonly onBooked: (deposit: Deposit) => void,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): readonly Entry[] => this.entries;

  add(form: BookForm): void {
    this.set([...this.entries, { id: this.newKey(), form, state: "sending", faults: [] }]);
    void this.run();
  }

  /** Books what was asked about, or tries again what was refused. */
  again(id: string): void {
    const entry = this.entries.find((other) => other.id === id);
    if (!entry || entry.state === "sending") return;
    if (entry.state === "asking") this.settled.add(id);
    this.patch(id, { state: "sending", faults: [], error: undefined });
    void this.run();
  }

  /** Takes an entry out; answers it, to be corrected. What is on its way cannot be taken back. */
  take(id: string): Entry | undefined {
    const entry = this.entries.find((other) => other.id === id);
    if (!entry || entry.state === "sending") return undefined;
    this.remove(id);
    return entry;
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    for (let next = this.first(); next; next = this.first()) await this.send(next);
    this.running = false;
  }

  private first(): Entry | undefined {
    return this.entries.find(({ state }) => state === "sending");
  }

  private async send({ id, form }: Entry): Promise<void> {
    try {
      if (!this.settled.has(id)) {
        const { errors, possible_duplicate } = await this.transport.preview(form);
        if (errors.length > 0) {
          const faults = errors.map(({ field = "", message = "" }) => ({ field, message }));
          return this.patch(id, { state: "refused", faults });
        }
        if (possible_duplicate) return this.patch(id, { state: "asking" });
      }
      // When only the answer gets lost, a second try would find itself and ask: its key makes it safe instead.
      this.settled.add(id);
      const deposit = await this.transport.book(form, id);
      this.remove(id);
      this.onBooked(deposit);
    } catch (error) {
      this.patch(id, { state: "refused", error });
    }
  }

  private patch(id: string, change: Partial<Entry>): void {
    this.set(this.entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  private remove(id: string): void {
    this.settled.delete(id);
    this.set(this.entries.filter((entry) => entry.id !== id));
  }

  private set(entries: readonly Entry[]): void {
    this.entries = entries;
    for (const listener of this.listeners) listener();
  }
}
