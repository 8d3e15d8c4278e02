import { isAway } from "@/lib/away";
import { networkProblem, type Problem, parseProblem } from "./problem";

export type QueryValue = string | number | boolean | null | undefined | readonly (string | number)[];
export type Query = Record<string, QueryValue>;
export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** One page of a list: the bare array of the body, with what the headers say about the rest. */
export type Page<T> = { items: T[]; total: number | null; nextCursor: string | null };

export type SendOptions = {
  idempotencyKey?: string;
  signal?: AbortSignal;
  query?: Query;
  /** Lets the request outlive the page; for small bodies only. */
  keepalive?: boolean;
};

let csrfToken: string | null = null;
let onUnauthorized: (() => void) | null = null;

/** The token that every change must carry while the session cookie is the credential; comes with `me`. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the server no longer knows the session, whichever request found out. */
export function setUnauthorizedHandler(handler: (() => void) | null): void {
  onUnauthorized = handler;
}

export function buildUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value)) for (const entry of value) search.append(key, String(entry));
    else search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** The cursor of `Link: <…cursor=…>; rel="next"`, if there is a next page. */
export function nextCursor(link: string | null): string | null {
  for (const part of (link ?? "").split(/,(?=\s*<)/)) {
    const match = /<([^>]*)>\s*;.*rel="?next"?/.exec(part);
    if (match?.[1]) return new URL(match[1], "http://local").searchParams.get("cursor");
  }
  return null;
}

function refused(problem: Problem, path: string): Problem {
  // A wrong password is a 401 too, and is no reason to leave the sign-in form.
  if (problem.status === 401 && !path.startsWith("/api/auth/login")) onUnauthorized?.();
  return problem;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  const headers = new Headers(init.headers);
  if (isAway()) headers.set("X-Away", "1");
  try {
    response = await fetch(path, { credentials: "same-origin", ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw networkProblem();
  }
  if (response.ok) return response;
  throw refused(parseProblem(response.status, await response.text(), response.headers), path);
}

async function body<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return body<T>(await request(buildUrl(path, query), { signal, headers: { Accept: "application/json" } }));
}

/** An answer that is paged by its headers but whose body is more than a bare array. */
export async function getPaged<T>(
  path: string,
  query?: Query,
  signal?: AbortSignal,
): Promise<{ body: T; total: number | null; nextCursor: string | null }> {
  const response = await request(buildUrl(path, query), { signal, headers: { Accept: "application/json" } });
  const total = response.headers.get("X-Total-Count");
  return {
    body: await body<T>(response),
    total: total === null ? null : Number(total),
    nextCursor: nextCursor(response.headers.get("Link")),
  };
}

/** A list: one page, its total and the cursor of the next one. */
export async function getPage<T>(path: string, query?: Query, signal?: AbortSignal): Promise<Page<T>> {
  const { body: items, ...paging } = await getPaged<T[]>(path, query, signal);
  return { items, ...paging };
}

function changeHeaders(options: SendOptions): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (csrfToken) headers.set("X-CSRF-Token", csrfToken);
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  return headers;
}

/** A change, with a JSON body. */
export async function send<T>(
  method: Method,
  path: string,
  json?: unknown,
  options: SendOptions = {},
): Promise<T> {
  const headers = changeHeaders(options);
  if (json !== undefined) headers.set("Content-Type", "application/json");
  const response = await request(buildUrl(path, options.query), {
    method,
    headers,
    signal: options.signal,
    keepalive: options.keepalive,
    body: json === undefined ? undefined : JSON.stringify(json),
  });
  return body<T>(response);
}

/** A file with its form fields. `onProgress` gets 0..1 (fetch cannot tell how much it has sent, so this is XHR). */
export function upload<T>(
  path: string,
  form: FormData,
  onProgress?: (share: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", path);
    changeHeaders({}).forEach((value, key) => {
      xhr.setRequestHeader(key, value);
    });
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    xhr.onerror = () => reject(networkProblem());
    xhr.onabort = () => reject(new DOMException("aborted", "AbortError"));
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) {
        resolve((xhr.responseText ? JSON.parse(xhr.responseText) : undefined) as T);
        return;
      }
      const headers = new Headers();
      for (const name of ["Retry-After", "X-Request-ID"]) {
        const value = xhr.getResponseHeader(name);
        if (value) headers.set(name, value);
      }
      reject(refused(parseProblem(xhr.status, xhr.responseText, headers), path));
    };
    signal?.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(form);
  });
}

/** A fresh key for one intended change: keep it across retries of the same click, make a new one for the next. */
export function newIdempotencyKey(): string {
  return typeof crypto.randomUUID === "function"
    ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join("");
}
