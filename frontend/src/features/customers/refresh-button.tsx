import { ListRestart } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/popover";
import { cn } from "@/lib/cn";

/** Reads the list anew; lit while what is on screen is no longer what the list would be. */
export function RefreshButton({ isOld, onRefresh }: { isOld: boolean; onRefresh: () => void }) {
  const { t } = useTranslation();
  const label = isOld ? t("customers.refresh_old") : t("customers.refresh_list");
  return (
    <Tooltip content={label}>
      <Button
        size="icon"
        aria-label={label}
        onClick={onRefresh}
        className={cn(
          "max-sm:hidden",
          isOld && "border-accent bg-accent-soft text-accent-text max-sm:inline-flex",
        )}
      >
        <ListRestart aria-hidden />
      </Button>
    </Tooltip>
  );
}
