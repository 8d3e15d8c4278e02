import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "./fixtures";

/** What starts a server: named by whoever runs the journeys, else whatever is on the PATH. */
const COMMAND = process.env.E2E_SERVER ?? "crm-boost";

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A server of a journey's own, on an empty database: one that may be stopped and started again. */
export class OwnServer {
  private process: ChildProcess | null = null;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async begin(): Promise<OwnServer> {
    const server = new OwnServer(await freePort(), await mkdtemp(join(tmpdir(), "crm-boost-own-")));
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const env = { ...process.env, PORT: String(this.port), DATA_DIR: this.folder };
    this.process = spawn(COMMAND, ["serve"], { env, stdio: "ignore" });
    const ready = async () => (await fetch(`${this.url}/api/ready`).catch(() => null))?.ok ?? false;
    await expect.poll(ready, { timeout: 60_000 }).toBe(true);
  }

  async stop(): Promise<void> {
    const running = this.process;
    this.process = null;
    if (running === null || running.exitCode !== null) return;
    const over = once(running, "exit");
    running.kill("SIGTERM");
    await over;
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
