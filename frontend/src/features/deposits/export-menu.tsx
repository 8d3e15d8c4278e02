import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buildUrl, type Query } from "@/api/client";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";

const FORMATS = ["xlsx", "csv"] as const;

/** What is on screen as a file, with the same filters. */
export function ExportMenu({ path, query, what }: { path: string; query: Query; what: string }) {
  const { t } = useTranslation();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button>
          <Download aria-hidden />
          {t("deposits.export.open")}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>{what}</DropdownMenuLabel>
        {FORMATS.map((format) => (
          <DropdownMenuItem key={format} asChild>
            <a href={buildUrl(path, { ...query, format })} download>
              {t(`deposits.export.${format}`)}
            </a>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
