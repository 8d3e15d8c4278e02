import { type APIRequestContext, type APIResponse, type Page, request } from "@playwright/test";
import { csvFile, type Upload } from "./files";
import { type Account, expect } from "./fixtures";

/** The first admin: named by whoever started the server, else made here through the first-run door. */
export const ADMIN: Account = {
  email: process.env.E2E_ADMIN_EMAIL ?? "admin@example.com",
  password: process.env.E2E_ADMIN_PASSWORD ?? "first admin of the journeys",
};
export const STAFF_PASSWORD = "long enough for staff";

export async function ok(answer: APIResponse): Promise<APIResponse> {
  expect(answer.ok(), `${answer.url()} answered ${answer.status()}: ${await answer.text()}`).toBe(true);
  return answer;
}

/** The API as one account uses it. */
export async function apiAs(baseURL: string, account: Account): Promise<APIRequestContext> {
  const door = await request.newContext({ baseURL });
  const answer = await ok(await door.post("/api/auth/login", { data: account }));
  const { token } = await answer.json();
  await door.dispose();
  return request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
}

/** What a test needs before it starts, made through the API with the admin's token. */
export class Desk {
  private constructor(private readonly api: APIRequestContext) {}

  static async open(baseURL: string): Promise<Desk> {
    const door = await request.newContext({ baseURL });
    const { needs_setup } = await (await ok(await door.get("/api/setup"))).json();
    const data = { name: "Admin", ...ADMIN };
    if (needs_setup) await ok(await door.post("/api/setup", { data }));
    await door.dispose();
    return new Desk(await apiAs(baseURL, ADMIN));
  }

  close(): Promise<void> {
    return this.api.dispose();
  }

  async product(name: string): Promise<string> {
    const answer = await ok(await this.api.post("/api/products", { data: { name, description: "" } }));
    return (await answer.json()).id;
  }

  async staff(name: string, email: string): Promise<Account & { id: string }> {
    const data = { name, email, role: "staff", password: STAFF_PASSWORD };
    const { id } = await (await ok(await this.api.post("/api/users", { data }))).json();
    return { id, email, password: STAFF_PASSWORD };
  }

  /** One-call upload, as scripts do it; answers the database's id. */
  async database(path: string, productId: string, name: string, file: Upload): Promise<string> {
    const answer = await ok(await this.api.post(path, { multipart: { file, product_id: productId, name } }));
    return (await answer.json()).id;
  }

  async assignRandom(module: string, databaseId: string, staffId: string, quantity: number): Promise<void> {
    const data = { database_id: databaseId, staff_ids: [staffId], quantity };
    await ok(await this.api.post(`/api/pools/${module}/assign-random`, { data }));
  }

  async databases(module: string): Promise<{ id: string; name: string }[]> {
    return (await ok(await this.api.get(`/api/pools/${module}/databases`))).json();
  }
}

/** Neutral customers, with the columns of a real list. */
export function people(count: number, prefix: string): string[][] {
  const rows = Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(4, "0");
    return [
      `${prefix}${number}`,
      `Customer ${number}`,
      `0812${String(10_000_000 + index)}`,
      `City ${index % 5}`,
      `00${index}`,
    ];
  });
  return [["Username", "Full name", "Phone", "City", "Code"], ...rows];
}

export const someCsv = (count: number, prefix: string) => csvFile(`${prefix}.csv`, people(count, prefix));

/** Step 1 of the wizard, from a pool's own page to the columns of the analysed file. */
export async function uploadFrom(page: Page, pool: string, product: string, file: Upload): Promise<void> {
  await page.goto(pool);
  await page.getByRole("link", { name: "Upload" }).first().click();
  // The list that is being left has a choice of products too.
  await page.locator('input[type="file"]').waitFor({ state: "attached" });
  await page.getByLabel("Product").selectOption({ label: product });
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.getByRole("button", { name: "Upload and check" }).click();
}

/** The figures of the equation on screen; they always add up to the rows of the file. */
export async function equation(page: Page): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const part of ["rows_total", "stored", "duplicates", "reserved", "rejected", "blank"]) {
    const text = await page.getByTestId(`eq-${part}`).innerText();
    figures[part] = Number(text.replace(/\D/g, ""));
  }
  const { rows_total, ...parts } = figures;
  expect(Object.values(parts).reduce((sum, figure) => sum + figure, 0)).toBe(rows_total);
  return figures;
}

/** The count on one tile of a database's page. */
export const tile = (page: Page, name: string) =>
  page.getByRole("group", { name: /Counts/ }).getByRole("button", { name: new RegExp(`^${name}`) });
