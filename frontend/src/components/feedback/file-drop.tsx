import { FileSpreadsheet, Upload, X } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/api/server-time";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

/** One file, dropped or chosen. `accept` is a hint to the picker; the server decides by content. */
export function FileDrop({
  file,
  onFile,
  accept,
  label,
  hint,
  error,
  disabled,
}: {
  file: File | null;
  onFile: (file: File | null) => void;
  accept?: string;
  label: string;
  hint?: string;
  error?: string;
  disabled?: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const [over, setOver] = useState(false);

  if (file) {
    return (
      <div className="flex items-center gap-3 rounded-lg border border-border bg-surface p-3">
        <FileSpreadsheet className="size-6 shrink-0 text-muted" strokeWidth={1.5} aria-hidden />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium text-sm">{file.name}</p>
          <p className="tabular text-muted text-xs">{format.bytes(file.size)}</p>
        </div>
        <Button
          variant="ghost"
          size="icon"
          aria-label={t("files.remove")}
          onClick={() => onFile(null)}
          disabled={disabled}
        >
          <X aria-hidden />
        </Button>
      </div>
    );
  }
  return (
    <div className="grid gap-1.5">
      <label
        htmlFor={id}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const dropped = event.dataTransfer.files[0];
          if (dropped && !disabled) onFile(dropped);
        }}
        className={cn(
          "grid cursor-pointer justify-items-center gap-1 rounded-lg border border-border-strong border-dashed bg-surface px-4 py-10 text-center has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-ring has-[:focus-visible]:outline-offset-2",
          over && "border-accent bg-accent-soft",
          error && "border-danger",
        )}
      >
        <Upload className="mb-1 size-6 text-muted" strokeWidth={1.5} aria-hidden />
        <span className="font-medium text-sm">{label}</span>
        {hint && <span className="text-muted text-xs">{hint}</span>}
        <input
          id={id}
          type="file"
          accept={accept}
          disabled={disabled}
          className="sr-only"
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => {
            onFile(event.target.files?.[0] ?? null);
            event.target.value = "";
          }}
        />
      </label>
      {error && (
        <p id={`${id}-error`} className="text-danger text-xs">
          {error}
        </p>
      )}
    </div>
  );
}
