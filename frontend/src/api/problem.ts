import { i18n, isServersLanguage } from "@/i18n";
import { knownText } from "@/lib/code-text";

/** An RFC 9457 answer of the server (spec 1.6), or a failure to reach it, as one error type. */
export type FieldError = { field: string; message: string; code?: string };

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: FieldError[];
  readonly retryAfter: number | null;
  /** Whatever else the problem carries: the current state, the eligible count, … */
  readonly extras: Record<string, unknown>;

  constructor(init: {
    status: number;
    code: string;
    title?: string;
    detail?: string;
    requestId?: string | null;
    errors?: FieldError[];
    retryAfter?: number | null;
    extras?: Record<string, unknown>;
  }) {
    super(init.detail || init.title || init.code);
    this.name = "Problem";
    this.status = init.status;
    this.code = init.code;
    this.title = init.title ?? "";
    this.detail = init.detail ?? "";
    this.requestId = init.requestId ?? null;
    this.errors = init.errors ?? [];
    this.retryAfter = init.retryAfter ?? null;
    this.extras = init.extras ?? {};
  }

  /** The server could not be reached at all. */
  get isNetwork(): boolean {
    return this.status === 0;
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

const KNOWN = new Set(["type", "title", "status", "detail", "code", "request_id", "errors"]);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What an answer says is wrong with fields, in the language of the moment. */
export function readFieldErrors(value: unknown, extras: Record<string, unknown> = {}): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((entry) => {
    const code = text(entry.code);
    const params = isRecord(entry.params) ? entry.params : {};
    return {
      field: text(entry.field),
      message: fieldText(code, params, extras) ?? text(entry.message),
      code,
    };
  });
}

/**
 * Our own sentence for what is wrong with a field, in the language of the moment; null: the server's it is. A field whose
 * code is that of the whole refusal is said in its words, unless the server speaks the reader's language: it is more exact.
 */
function fieldText(
  code: string,
  params: Record<string, unknown>,
  extras: Record<string, unknown>,
): string | null {
  if (!code) return null;
  const [figure] = Object.values(params);
  const own = knownText(i18n, `fields.${code}`, { ...params, count: Number(figure ?? 0) });
  return own ?? (isServersLanguage() ? null : knownText(i18n, `problems.${code}`, extras));
}

/** Builds a Problem from a status, the body as text and the headers; a body that is no problem document still gives one. */
export function parseProblem(status: number, body: string, headers: Headers): Problem {
  let document: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (isRecord(parsed)) document = parsed;
  } catch {
    // A proxy's HTML page, say: the status alone has to do.
  }
  const after = Number(headers.get("Retry-After") ?? Number.NaN);
  const extras = Object.fromEntries(Object.entries(document).filter(([key]) => !KNOWN.has(key)));
  return new Problem({
    status,
    code: text(document.code) || `http_${status}`,
    title: text(document.title),
    detail: text(document.detail),
    requestId: text(document.request_id) || headers.get("X-Request-ID"),
    errors: readFieldErrors(document.errors, extras),
    retryAfter: Number.isFinite(after) ? after : null,
    extras,
  });
}

export function networkProblem(): Problem {
  return new Problem({ status: 0, code: "network" });
}

/** Field -> message of a refusal, for forms without a form library; a field's items count as the field. */
export function fieldErrorsOf(error: unknown): Record<string, string | undefined> {
  if (!isProblem(error)) return {};
  return Object.fromEntries(
    error.errors.map(({ field, message }) => [field.split(".")[0] ?? field, message]),
  );
}
