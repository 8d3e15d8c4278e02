import { type ChartTone, colorOf } from "./series";

/** Which colour is which; a dashed line stands for what is compared with. */
export function Legend({
  items,
}: {
  items: readonly { key: string; label: string; tone: ChartTone; dashed?: boolean }[];
}) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
      {items.map(({ key, label, tone, dashed }) => (
        <li key={key} className="flex min-w-0 items-center gap-1.5">
          <Swatch tone={tone} dashed={dashed} />
          <span className="break-words">{label}</span>
        </li>
      ))}
    </ul>
  );
}

export function Swatch({ tone, dashed }: { tone: ChartTone; dashed?: boolean }) {
  return dashed ? (
    <span
      aria-hidden
      className="w-3 shrink-0 border-t-2 border-dashed"
      style={{ borderColor: colorOf(tone) }}
    />
  ) : (
    <span aria-hidden className="size-2.5 shrink-0 rounded-sm" style={{ background: colorOf(tone) }} />
  );
}
