import { writeFile } from "node:fs/promises";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Page } from "@playwright/test";

const SIGNATURE = 8;

/** Keeps what is on screen as a picture for the documents. */
export async function keepPicture(page: Page, path: string): Promise<void> {
  await writeFile(path, smaller(await page.screenshot({ animations: "disabled" })));
}

/** The same picture in fewer bytes: screens are of repeating lines, which pack better as they are than as differences. */
function smaller(png: Buffer): Buffer {
  const chunks = chunksOf(png);
  const header = chunks.find(({ name }) => name === "IHDR")?.data;
  if (!header) throw new Error("this is no picture");
  const stride = header.readUInt32BE(0) * (header[9] === 6 ? 4 : 3);
  const packed = Buffer.concat(chunks.filter(({ name }) => name === "IDAT").map(({ data }) => data));
  const lines = plainLines(inflateSync(packed), stride, header[9] === 6 ? 4 : 3);
  const parts = [
    { name: "IHDR", data: header },
    { name: "IDAT", data: deflateSync(lines, { level: 9, memLevel: 9 }) },
    { name: "IEND", data: Buffer.alloc(0) },
  ];
  return Buffer.concat([png.subarray(0, SIGNATURE), ...parts.map(chunk)]);
}

type Chunk = { name: string; data: Buffer };

function chunksOf(png: Buffer): Chunk[] {
  const found: Chunk[] = [];
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString("latin1", at + 4, at + 8);
    found.push({ name, data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return found;
}

function chunk({ name, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** Each line as its pixels are, with the mark of a line that is not written as a difference (PNG, part 9). */
function plainLines(filtered: Buffer, stride: number, pixel: number): Buffer {
  const plain = Buffer.alloc(filtered.length);
  for (let start = 0; start < filtered.length; start += stride + 1) {
    const filter = filtered[start];
    for (let at = start + 1; at <= start + stride; at += 1) {
      const left = at - pixel > start ? (plain[at - pixel] ?? 0) : 0;
      const above = start > 0 ? (plain[at - stride - 1] ?? 0) : 0;
      const corner = at - pixel > start && start > 0 ? (plain[at - stride - 1 - pixel] ?? 0) : 0;
      const guessed = [0, left, above, (left + above) >> 1, nearest(left, above, corner)][filter ?? 0] ?? 0;
      plain[at] = ((filtered[at] ?? 0) + guessed) & 255;
    }
  }
  return plain;
}

function nearest(left: number, above: number, corner: number): number {
  const sum = left + above - corner;
  const [byLeft, byAbove, byCorner] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)];
  if (byLeft <= byAbove && byLeft <= byCorner) return left;
  return byAbove <= byCorner ? above : corner;
}
