import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowRight, Contact, Database, type LucideIcon, Package, User } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "@/components/feedback";
import { Command, CommandGroup, CommandInput, CommandItem, CommandList } from "@/components/ui/command";
import { Dialog, DialogContent, DialogTitle } from "@/components/ui/dialog";
import { useDebounced } from "@/lib/use-debounced";
import { type SearchHit, searchOptions } from "./api";

const ICONS: Record<SearchHit["kind"], LucideIcon> = {
  database: Database,
  customer: Contact,
  user: User,
  product: Package,
};

/** Ctrl/Cmd-K: pages by name, and the objects that the server finds; opens the object itself. */
export function CommandPalette({
  open,
  onOpenChange,
  pages,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  pages: { to: string; label: string; icon?: LucideIcon }[];
}) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        className="top-0 bottom-auto gap-0 rounded-t-none rounded-b-xl p-0 sm:top-[12vh] sm:max-w-xl sm:rounded-lg"
        aria-describedby={undefined}
      >
        <DialogTitle className="sr-only">{t("search.title")}</DialogTitle>
        <Palette pages={pages} onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

function Palette({
  pages,
  onDone,
}: {
  pages: { to: string; label: string; icon?: LucideIcon }[];
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const [text, setText] = useState("");
  const q = useDebounced(text.trim());
  const hits = useQuery({ ...searchOptions(q), enabled: q.length >= 2 });

  const wanted = text.trim().toLowerCase();
  const shownPages = pages.filter((page) => page.label.toLowerCase().includes(wanted));
  const found = q.length >= 2 ? (hits.data?.items ?? []) : [];
  const settled = text.trim() === q && !hits.isFetching;

  function go(to: string) {
    onDone();
    void navigate({ href: to });
  }

  return (
    <Command shouldFilter={false} label={t("search.title")}>
      <CommandInput value={text} onValueChange={setText} placeholder={t("search.hint")} autoFocus />
      <CommandList>
        {shownPages.length > 0 && (
          <CommandGroup heading={t("search.pages")}>
            {shownPages.map((page) => {
              const Icon = page.icon ?? ArrowRight;
              return (
                <CommandItem key={page.to} value={`page:${page.to}`} onSelect={() => go(page.to)}>
                  <Icon aria-hidden />
                  {page.label}
                </CommandItem>
              );
            })}
          </CommandGroup>
        )}
        {found.length > 0 && (
          <CommandGroup heading={t("search.results")}>
            {found.map((hit) => {
              const Icon = ICONS[hit.kind] ?? ArrowRight;
              return (
                <CommandItem
                  key={`${hit.kind}:${hit.id}`}
                  value={`${hit.kind}:${hit.id}`}
                  onSelect={() => go(hit.url)}
                >
                  <Icon aria-hidden />
                  <span className="min-w-0 flex-1 truncate">{hit.title}</span>
                  <span className="max-w-[45%] truncate text-muted text-xs">{hit.subtitle}</span>
                </CommandItem>
              );
            })}
          </CommandGroup>
        )}
        {q.length >= 2 && hits.isError && (
          <p role="alert" className="px-3 py-2 text-danger text-sm">
            {problemText(hits.error)}
          </p>
        )}
        {q.length >= 2 && !settled && found.length === 0 && (
          <p className="px-3 py-2 text-muted text-sm">{t("search.searching")}</p>
        )}
        {settled && wanted !== "" && !hits.isError && shownPages.length === 0 && found.length === 0 && (
          <p className="px-3 py-6 text-center text-muted text-sm">
            {q.length < 2 ? t("search.type_more") : t("search.nothing")}
          </p>
        )}
      </CommandList>
    </Command>
  );
}
