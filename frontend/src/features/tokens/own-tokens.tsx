import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/api/session";
import { SecretDialog } from "@/components/feedback";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/surface";
import type { Scope } from "./api";
import { NewTokenSheet } from "./new-token-sheet";
import { TokenList } from "./token-list";

/** One's own tokens for scripts; a new one is shown once. */
export function OwnTokens() {
  const { t } = useTranslation();
  const can = useCan();
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  // Who manages nothing gives no token that does; the server says the same.
  const scopes: Scope[] = can("users.read")
    ? ["read", "work", "manage", "export"]
    : ["read", "work", "export"];
  return (
    <Card className="grid gap-3 p-5">
      <div className="flex flex-wrap items-start justify-between gap-3 sm:flex-nowrap">
        <div>
          <h2 className="font-semibold">{t("tokens.title")}</h2>
          <p className="text-muted text-sm">{t("tokens.hint")}</p>
        </div>
        <Button size="sm" className="shrink-0" onClick={() => setMaking(true)}>
          <Plus aria-hidden />
          {t("tokens.new")}
        </Button>
      </div>
      <TokenList />
      {making && (
        <NewTokenSheet
          scopes={scopes}
          onClose={() => setMaking(false)}
          onMade={(name, token) => {
            setMaking(false);
            setMade({ name, token });
          }}
        />
      )}
      {made && (
        <SecretDialog
          title={t("tokens.made", { name: made.name })}
          secret={made.token}
          onClose={() => setMade(null)}
        />
      )}
    </Card>
  );
}
