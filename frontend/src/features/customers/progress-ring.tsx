/** Done of total, as a ring around the share in percent; the figures are said by whoever shows it. */
export function ProgressRing({ done, total, size = 32 }: { done: number; total: number; size?: number }) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const radius = (size - 4) / 2;
  const length = 2 * Math.PI * radius;
  // Not all of them must not look like all of them.
  const percent = share < 1 ? Math.floor(share * 100) : 100;
  return (
    <span
      className="relative grid shrink-0 place-content-center"
      style={{ width: size, height: size }}
      aria-hidden
    >
      <svg width={size} height={size} className="-rotate-90" role="presentation">
        <circle
          cx={size / 2}
          cy={size / 2}
          r={radius}
          fill="none"
          strokeWidth="3"
          className="stroke-border"
        />
        <circle
          cx={size / 2}
          cy={size / 2}
          r={radius}
          fill="none"
          strokeWidth="3"
          strokeLinecap="round"
          strokeDasharray={length}
          strokeDashoffset={length * (1 - share)}
          className={share === 1 ? "stroke-success" : share === 0 ? "stroke-transparent" : "stroke-accent"}
        />
      </svg>
      <span className="tabular absolute inset-0 grid place-content-center text-[9px] text-muted">
        {percent}
      </span>
    </span>
  );
}
