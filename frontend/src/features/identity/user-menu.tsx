import { Link, useRouter } from "@tanstack/react-router";
import { Keyboard, LogOut, Monitor, Moon, Sun, User } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Language, useMe } from "@/api/session";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import type { Theme } from "@/lib/theme";
import { useSignOut, useUpdateProfile } from "./api";

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => Array.from(word ?? "")[0] ?? "")
    .join("");
}

export function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const router = useRouter();
  const update = useUpdateProfile();
  const signOut = useSignOut(() => router.navigate({ to: "/sign-in", search: {} }));

  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("shell.account")}>
          <span
            aria-hidden
            className="grid size-6 place-content-center rounded-full bg-accent-soft font-semibold text-[10px] text-accent-text uppercase"
          >
            {initials(me.name)}
          </span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-60">
        <DropdownMenuLabel>
          <span className="block truncate text-foreground text-sm">{me.name}</span>
          <span className="block truncate font-normal">{me.email}</span>
          <span className="block font-normal">{t(`roles.${me.role}`)}</span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link to="/profile">
            <User aria-hidden />
            {t("shell.profile")}
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={onShortcuts} className="max-sm:hidden">
          <Keyboard aria-hidden />
          {t("shell.shortcuts")}
        </DropdownMenuItem>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>{t("shell.theme")}</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={me.theme}
          onValueChange={(theme) => update.mutate({ theme: theme as Theme })}
        >
          <DropdownMenuRadioItem value="system">
            {t("shell.theme_system")}
            <Monitor aria-hidden className="ml-auto" />
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="light">
            {t("shell.theme_light")}
            <Sun aria-hidden className="ml-auto" />
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="dark">
            {t("shell.theme_dark")}
            <Moon aria-hidden className="ml-auto" />
          </DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>{t("shell.language")}</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={me.language}
          onValueChange={(language) => update.mutate({ language: language as Language })}
        >
          <DropdownMenuRadioItem value="id" lang="id">
            Bahasa Indonesia
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="en" lang="en">
            English
          </DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => signOut.mutate()}>
          <LogOut aria-hidden />
          {t("shell.sign_out")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
